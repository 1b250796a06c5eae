import { chmodSync, writeFileSync } from 'node:fs';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { expect } from 'chai';
import { waitFor } from '../wait-for.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { cellFor } from './cells.ts';
import { inside, rollcall } from './rollcall.ts';
import { startAgent, STATUS_SOCKET, type RunningAgent } from './running-agent.ts';

/** The cell's own, whatever the machine has at /tmp. */
const SENSOR_FOLDER = '/var/vcap/data/rollcall-cell';
const EVENT_FILE = `${SENSOR_FOLDER}/events`;

/**
 * A sensor: it takes the mount that Tracee 0.19 takes (`last`), or the right one, and writes what
 * it finds below it, again and again.
 */
const SENSOR = `if [ -e /sys/fs/cgroup/cgroup.controllers ]
then type=cgroup2 name=. right=/sys/fs/cgroup
else type=cgroup name=cpuset right=/sys/fs/cgroup/cpuset
fi
case $rule in
  last) mount=$(awk -v type=$type -v name=$name '$3 == type && $2 ~ name { found = $2 } END { print found }' /proc/self/mounts) ;;
  *) mount=$right ;;
esac
ids() { find "$mount" -type d | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){4}$' | sort -u; }
while :; do
  { ids; date -u '+# as of %Y-%m-%dT%H:%M:%SZ'; } >"$file.new"
  mv "$file.new" "$file"
  sleep 1
done
`;

/** A process of the cell with the name of Tracee, which writes EVENT_FILE. */
async function startStandIn(cell: Cell, rule: 'last' | 'right'): Promise<() => Promise<unknown>> {
  const program = `${SENSOR_FOLDER}/tracee`;
  const setting = `rule=${rule}\nfile=${EVENT_FILE}\n`;
  writeFileSync(cell.outside(program), `#!/bin/sh\n${setting}${SENSOR}`);
  chmodSync(cell.outside(program), 0o755);
  const { stdout } = await inside(cell, [
    'sh',
    '-c',
    `rm -f ${EVENT_FILE}; ${program} </dev/null >/dev/null 2>&1 & echo $!`,
  ]);
  return () => inside(cell, ['kill', '-9', stdout.trim()]);
}

const GRACE = 4;
const COUNT = 12;
const BY_AGENT = ['--status-socket', STATUS_SOCKET];
const NO_AGENT = ['--status-socket', '/var/vcap/data/agent/none.sock'];

for (const mode of ['v1', 'v2'] as const)
  describe(`what a sensor says it saw, on a live cell with cgroup ${mode}`, () => {
    /** An agent that reads what a stand-in for Tracee writes. */
    async function observing(context: Mocha.Context, rule: 'last' | 'right') {
      const cell = await cellFor(context, {
        mode,
        reversed: true,
        containerMounts: true,
        tag: 'ab',
      });
      await cell.createMany(COUNT);
      const end = await startStandIn(cell, rule);
      atEndOfTest(end);
      const sensor = { name: 'tracee', format: 'ids', path: EVENT_FILE, graceSeconds: GRACE };
      const agent = await startAgent(cell, { sensors: [sensor] });
      await agent.until('mounts.chosen');
      return { cell, agent, end };
    }

    const reported = (agent: RunningAgent, message: string) =>
      agent.parsed().filter((line) => line.message === message);

    const observationOf = async (agent: RunningAgent) =>
      (await agent.report()).sensors.find(({ name }) => name === 'tracee')?.observation;

    it('leaves all containers unseen within one grace period, and tracked, if it takes the last mount', async function () {
      const { cell, agent, end } = await observing(this, 'last');
      await waitFor('the event', () => reported(agent, 'rollcall.sensor.unseen').length > 0);
      const [event] = reported(agent, 'rollcall.sensor.unseen');
      expect(event?.data).to.include({ sensor: 'tracee', count: COUNT });
      const started = reported(agent, 'rollcall.sensor.started')[0]?.timestamp ?? '';
      const lasted = (Date.parse(event?.timestamp ?? '') - Date.parse(started)) / 1000;
      expect(lasted).to.be.within(GRACE - 0.1, 2 * GRACE);
      const seen = await observationOf(agent);
      expect(seen).to.include({ state: 'fresh', seen: 0, up: true, silent: false });
      expect(seen?.unseen).to.have.length(COUNT);
      const metrics = await agent.metrics();
      expect(metrics).to.contain('rollcall_sensor_up{sensor="tracee"} 1\n');
      expect(metrics).to.contain(
        `rollcall_sensor_containers{sensor="tracee",state="unseen"} ${COUNT}\n`,
      );
      expect(metrics).to.match(/^rollcall_containers\{status="tracked"[^}]*\} 12$/m);
      expect(reported(agent, 'rollcall.container.untracked')).to.deep.equal([]);

      const good = ['sensors', '--tool', 'tracee@0.22.5', '--missed'];
      const alone = await rollcall(cell, [...good, ...NO_AGENT]);
      expect(alone.exitCode, alone.stdout).to.equal(0);
      const asked = await rollcall(cell, [...good, ...BY_AGENT]);
      // The prediction of that version is good; what it says it saw decides.
      expect(asked.exitCode).to.equal(1);
      expect(asked.stdout).to.contain('names 0 of 12 running containers');
      expect(asked.stdout.match(/^ *- unseen: /gm)).to.have.length(COUNT);

      // Death is reported as death, never as findings.
      await end();
      await waitFor('its silence', () => reported(agent, 'rollcall.sensor.silent').length > 0);
      const dead = await observationOf(agent);
      expect(dead).to.deep.include({ up: false, silent: true, unseen: [] });
      expect(reported(agent, 'rollcall.sensor.unseen')).to.have.length(1);
    });

    it('leaves no container unseen if the sensor takes the right mount', async function () {
      const { cell, agent } = await observing(this, 'right');
      await waitFor('all seen', async () => (await observationOf(agent))?.seen === COUNT);
      const observation = await observationOf(agent);
      expect(observation).to.deep.include({ state: 'fresh', unseen: [], undecided: 0 });
      expect(reported(agent, 'rollcall.sensor.unseen')).to.deep.equal([]);

      const blind = ['sensors', '--tool', 'tracee@0.19'];
      const alone = await rollcall(cell, [...blind, ...NO_AGENT]);
      expect(alone.exitCode, alone.stdout).to.equal(1);
      const asked = await rollcall(cell, [...blind, ...BY_AGENT]);
      // The prediction of that version is bad; what it says it saw decides.
      expect(asked.stdout).to.contain('names 12 of 12 running containers');
      expect(asked.exitCode).to.equal(0);
    });
  });
