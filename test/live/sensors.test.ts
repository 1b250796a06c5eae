import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { execa } from 'execa';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { guidOf, instanceHandle } from '../../src/demo-cell/cgroups/container-spec.ts';
import { RUN_PREFIX } from '../../src/demo-cell/cell/runs.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { hostHierarchies, readHostTables } from '../../src/demo-cell/cgroups/hierarchies.ts';
import type { sensorsJson } from '../../src/present/sensors-json.ts';
import { waitFor } from '../wait-for.ts';
import { askedAgent } from './asked-agent.ts';
import { lendingCells, needsCell } from './cells.ts';
import { inside, rollcall } from './rollcall.ts';
import { startAgent } from './running-agent.ts';

type SensorsJson = ReturnType<typeof sensorsJson>;

async function sensors(cell: Cell, args: readonly string[] = []) {
  const ran = await rollcall(cell, ['sensors', '--format', 'json', ...args]);
  const json = JSON.parse(ran.stdout || ran.stderr) as SensorsJson;
  const tool = (name: string, versions: string) =>
    json.tools.find((one) => one.name === name && one.versions.startsWith(versions));
  return { ...ran, json, tool };
}

const SLEEPER = '#!/bin/sh\nwhile read -r line; do :; done\n';
/** The cell's own, whatever the machine has at /tmp. */
const FOLDER = '/var/vcap/data/rollcall-cell';
const NOTHING = `${FOLDER}/nothing`;

/** The kernel names a process after its script. */
function install(cell: Cell, name: string): string {
  const file = `${FOLDER}/${name}`;
  writeFileSync(cell.outside(file), SLEEPER);
  chmodSync(cell.outside(file), 0o755);
  return file;
}

const startSensor = (cell: Cell, name: string): Promise<unknown> =>
  inside(cell, ['sh', '-c', `${install(cell, name)} <>${NOTHING} >/dev/null 2>&1 &`]);

describe('rollcall sensors on live cells', function () {
  const cellFor = lendingCells();

  it('mounts are reversed and nested: the last match sees none of 8 containers, the right rule all', async function () {
    const cell = await cellFor(this, { mode: 'v1', reversed: true, containerMounts: true });
    await cell.createMany(6);
    for (const name of ['a', 'b']) await cell.create({ handle: instanceHandle(name), kind: 'app' });
    const { json, tool, exitCode } = await sensors(cell, ['--missed']);
    expect(exitCode).to.equal(0);
    expect(json.containers).to.equal(8);
    const last = tool('tracee', 'v0.19');
    expect(last).to.include({ seen: 0, missed: 8, knownLimits: 0 });
    expect(last?.mount).to.match(/rootfs\/sys\/fs\/cgroup\/cpuset$/);
    expect(last?.missedHandles).to.have.length(8).and.include(instanceHandle('a'));
    for (const versions of ['v0.20', 'v0.21', 'v0.22.3']) {
      expect(tool('tracee', versions), versions).to.include({
        seen: 8,
        missed: 0,
        mount: '/sys/fs/cgroup/cpuset',
      });
    }
    const capture = `${FOLDER}/eight.json.gz`;
    await rollcall(cell, ['capture', capture]);
    const replayed = await sensors(cell, ['--missed', '--capture', capture]);
    for (const [index, one] of json.tools.entries())
      expect(replayed.json.tools[index], one.name).to.deep.equal(one);
    expect(replayed.json.searched).to.equal(true);
  });

  it('/garden is bound over the cpuset mount: Tracee sees what the kernel shows there', async function () {
    const cell = await cellFor(this, { mode: 'v1' });
    const handles = [instanceHandle('a'), instanceHandle('privileged')];
    for (const [index, handle] of handles.entries())
      await cell.create({ handle, kind: 'app', privileged: index === 1 });
    const cpuset = '/sys/fs/cgroup/cpuset';
    const garden = `${cpuset}/${RUN_PREFIX}${cell.runId}/garden`;
    expect(await inside(cell, ['mount', '--bind', garden, cpuset])).to.include({ exitCode: 0 });
    const { stdout } = await inside(cell, ['find', cpuset, '-type', 'd']);
    const hidden = handles.filter((handle) => !`${stdout}\n`.includes(`/${handle}\n`));
    expect(hidden).to.deep.equal([handles[1]]);
    const { tool } = await sensors(cell, ['--missed']);
    for (const versions of ['v0.19', 'v0.20', 'v0.21', 'v0.22.3'])
      expect(tool('tracee', versions), versions).to.deep.include({
        mount: cpuset,
        missedHandles: hidden,
      });
  });

  it('Falco on v2 sees a container only where its cgroup has controllers', async function () {
    const cell = await cellFor(this, { mode: 'v2' });
    await cell.create({ handle: instanceHandle('a'), kind: 'app' });
    const [pid] = cell.pids(instanceHandle('a'));
    const at = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
    const v2 = hostHierarchies(readHostTables()).find(({ version }) => version === 2);
    const controllers = readFileSync(`${v2?.mountPoint}${at}/cgroup.controllers`, 'utf8');
    const seen = controllers.trim() === '' ? 0 : 1;
    const { json, tool } = await sensors(cell, ['--tool', 'falco@0.41']);
    expect(tool('falco', '0.41')).to.include({ seen, missed: json.containers - seen });
  });

  it('Garden is away: nothing is predicted, exit 2', async function () {
    const cell = await cellFor(this);
    const ran = await rollcall(cell, ['sensors', '--garden-socket', '/tmp/none.sock']);
    expect(ran.exitCode).to.equal(2);
    expect(ran.stdout).to.equal('');
    expect(ran.stderr).to.match(/^rollcall: .*Garden/);
  });

  describe('that run', () => {
    let cell: Cell | null = null;
    const app = instanceHandle('older');
    before(async function () {
      needsCell(this, 'v1');
      const confusing = { reversed: true, containerMounts: true, tag: 'ab' };
      cell = await startCell({ mode: 'v1', ...confusing, label: 'run' });
      await cell.create({ handle: app, kind: 'app' });
      await cell.create({ handle: guidOf('task'), kind: 'task' });
      await startSensor(cell, 'tracee');
      const [pid] = cell.pids(app);
      const falco = cell.outside(install(cell, 'falco'));
      const nothing = cell.outside(NOTHING);
      // A tenant that is root in its container, and calls itself falco.
      void execa('nsenter', ['-t', String(pid), '-p', 'sh', '-c', `exec ${falco} <>${nothing}`], {
        reject: false,
        stdio: 'ignore',
      });
      const comms = 'cat /proc/[0-9]*/comm 2>/dev/null';
      await waitFor('both to run', async () => {
        const { stdout } = await inside(cell as Cell, ['sh', '-c', comms]);
        return ['tracee', 'falco'].every((name) => stdout.split('\n').includes(name));
      });
      await cell.create({ handle: instanceHandle('younger'), kind: 'app' });
    });
    after(() => cell?.stop());

    it('a version decides: 0.19 is blind to the older one, 0.22.5 to none', async function () {
      if (cell === null) return this.skip();
      const blind = await sensors(cell, ['--tool', 'tracee@0.19']);
      expect(blind.json.sensors.map(({ name, blind: is }) => [name, is])).to.deep.equal([
        ['tracee', true],
      ]);
      expect(blind.json.sensors[0]).to.include({ olderContainers: 2, containers: 3 });
      expect(blind.json.sensors[0]?.prediction).to.include({ seen: 1, missed: 2, knownLimits: 1 });
      expect(blind.exitCode).to.equal(1);
      const good = await sensors(cell, ['--tool', 'tracee@0.22.5']);
      expect(good.json.sensors[0]?.prediction).to.include({ seen: 2, missed: 1, knownLimits: 1 });
      expect(good.exitCode).to.equal(0);
      const any = await sensors(cell);
      expect(any.json.sensors[0]).to.include({ blind: null, prediction: null });
      expect(any.exitCode).to.equal(0);
    });

    it('a tenant that calls itself falco is not one', async function () {
      if (cell === null) return this.skip();
      const { json, exitCode } = await sensors(cell, ['--tool', 'falco@0.39']);
      expect(json.sensors).to.deep.equal([]);
      expect(json.tools[0]).to.include({ seen: 0, missed: 3 });
      expect(exitCode).to.equal(0);
    });

    it('the agent tells of it once, also after a restart', async function () {
      if (cell === null) return this.skip();
      const agent = await startAgent(cell);
      const started = () => agent.lines.filter((line) => line.includes('rollcall.sensor.started'));
      await waitFor('the sensor in the log', () => started().length > 0);
      const status = await askedAgent(cell, 'status');
      expect(status.stdout).to.contain('Tracee is running (pid');
      await agent.endIfRunning();
      agent.start();
      await waitFor(
        'a pass of the second',
        () => agent.lines.filter((line) => line.includes('rollcall.mounts.chosen')).length > 1,
      );
      expect(started()).to.have.length(1);
      expect(started()[0]).to.contain('2 of 3 running containers are older than it');
    });
  });
});
