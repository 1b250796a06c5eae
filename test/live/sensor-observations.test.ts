import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { SensorView } from '../../src/model/report-view.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { waitFor } from '../wait-for.ts';
import { needsCell } from './cells.ts';
import { rollcall } from './rollcall.ts';
import { RunningAgent, STATUS_SOCKET } from './running-agent.ts';
import { EVENT_FILE, startStandIn, type StandInSensor } from './stand-in-sensor.ts';

const GRACE = 4;
const COUNT = 12;
const BY_AGENT = ['--status-socket', STATUS_SOCKET];
const NO_AGENT = ['--status-socket', '/var/vcap/data/agent/none.sock'];

for (const mode of ['v1', 'v2'] as const)
  describe(`what a sensor says it saw, on a live cell with cgroup ${mode}`, () => {
    let cell: Cell | null = null;
    before(async function () {
      needsCell(this, mode);
      cell = await startCell({ mode, reversed: true, containerMounts: true, tag: 'ab' });
      await cell.createMany(COUNT);
    });
    after(() => cell?.stop());

    async function observed(
      format: 'ids' | 'tracee',
      standIn: StandInSensor,
      use: (agent: RunningAgent, end: () => Promise<unknown>) => Promise<void>,
    ): Promise<void> {
      if (cell === null) throw new Error('no cell');
      const end = await startStandIn(cell, standIn);
      const agent = new RunningAgent(cell);
      await agent.run(['rm', '-rf', '/var/vcap/data/agent/memory']);
      const sensor = { name: 'tracee', format, path: EVENT_FILE, graceSeconds: GRACE };
      await agent.prepare({ sensors: [sensor] });
      agent.start();
      try {
        await agent.until('mounts.chosen');
        await use(agent, end);
      } finally {
        await agent.endIfRunning();
        await end();
      }
    }

    const reported = (agent: RunningAgent, message: string) =>
      agent.parsed().filter((line) => line.message === message);

    const sensorOf = async (agent: RunningAgent): Promise<SensorView | undefined> => {
      const { sensors } = await agent.report();
      return sensors.find(({ name }) => name === 'tracee');
    };

    it('the last match: all are unseen within one grace period, and stay tracked', async function () {
      if (cell === null) return this.skip();
      await observed('ids', { writes: 'list', rule: 'last' }, async (agent, end) => {
        await waitFor('the event', () => reported(agent, 'rollcall.sensor.unseen').length > 0);
        const [event] = reported(agent, 'rollcall.sensor.unseen');
        expect(event?.data).to.include({ sensor: 'tracee', count: COUNT });
        const started = reported(agent, 'rollcall.sensor.started')[0]?.timestamp ?? '';
        const lasted = (Date.parse(event?.timestamp ?? '') - Date.parse(started)) / 1000;
        expect(lasted).to.be.within(GRACE - 0.1, 2 * GRACE);
        const sensor = await sensorOf(agent);
        expect(sensor?.observation).to.include({
          state: 'fresh',
          seen: 0,
          up: true,
          silent: false,
        });
        expect(sensor?.observation?.unseen).to.have.length(COUNT);
        const metrics = await agent.metrics();
        expect(metrics).to.contain('rollcall_sensor_up{sensor="tracee"} 1\n');
        expect(metrics).to.contain(
          `rollcall_sensor_containers{sensor="tracee",state="unseen"} ${COUNT}\n`,
        );
        expect(metrics).to.match(/^rollcall_containers\{status="tracked"[^}]*\} 12$/m);
        expect(reported(agent, 'rollcall.container.untracked')).to.deep.equal([]);

        const good = ['sensors', '--tool', 'tracee@0.22.5', '--missed'];
        const alone = await rollcall(cell as Cell, [...good, ...NO_AGENT]);
        expect(alone.exitCode, alone.stdout).to.equal(0);
        const asked = await rollcall(cell as Cell, [...good, ...BY_AGENT]);
        // The prediction of that version is good; what it says it saw decides.
        expect(asked.exitCode).to.equal(1);
        expect(asked.stdout).to.contain('It has named 0 of 12 running containers');
        expect(asked.stdout.match(/^- unseen: /gm)).to.have.length(COUNT);

        // Death is reported as death, never as findings.
        await end();
        await waitFor('its silence', () => reported(agent, 'rollcall.sensor.silent').length > 0);
        const dead = (await sensorOf(agent))?.observation;
        expect(dead).to.deep.include({ up: false, silent: true, unseen: [] });
        expect(reported(agent, 'rollcall.sensor.unseen')).to.have.length(1);
      });
    });

    it('the right rule: all are seen', async function () {
      if (cell === null) return this.skip();
      await observed('ids', { writes: 'list', rule: 'right' }, async (agent) => {
        await waitFor('all seen', async () => (await sensorOf(agent))?.observation?.seen === COUNT);
        const { observation } = (await sensorOf(agent)) ?? {};
        expect(observation).to.deep.include({ state: 'fresh', unseen: [], undecided: 0 });
        expect(reported(agent, 'rollcall.sensor.unseen')).to.deep.equal([]);

        const blind = ['sensors', '--tool', 'tracee@0.19'];
        const alone = await rollcall(cell as Cell, [...blind, ...NO_AGENT]);
        expect(alone.exitCode, alone.stdout).to.equal(1);
        const asked = await rollcall(cell as Cell, [...blind, ...BY_AGENT]);
        // The prediction of that version is bad; what it says it saw decides.
        expect(asked.stdout).to.contain('It has named 12 of 12 running containers');
        expect(asked.exitCode).to.equal(0);
      });
    });

    it("Tracee's own lines: the right rule proves all, the last match proves nothing", async function () {
      if (cell === null) return this.skip();
      await observed('tracee', { writes: 'burst', rule: 'right' }, async (agent) => {
        await waitFor('all seen', async () => (await sensorOf(agent))?.observation?.seen === COUNT);
        expect((await sensorOf(agent))?.observation?.state).to.equal('fresh');
      });
      await observed('tracee', { writes: 'burst', rule: 'last' }, async (agent) => {
        await waitFor(
          'the observation',
          async () => (await sensorOf(agent))?.observation?.undecided === COUNT,
        );
        const { observation } = (await sensorOf(agent)) ?? {};
        expect(observation).to.deep.include({ seen: 0, unseen: [], silent: false });
      });
    });
  });
