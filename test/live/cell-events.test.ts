import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { execa } from 'execa';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { waitFor } from '../wait-for.ts';
import { cgroupsOfProcess, handlesOf, lendingCells, processesNamed, processesOf } from './cells.ts';

const H = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';

/** The directories with this name anywhere in the cell's hierarchies. */
const directoriesOf = async (cell: Cell, name: string): Promise<readonly string[]> => {
  const roots = cell.hierarchies.map(({ root }) => root);
  const { stdout } = await execa('find', [...roots, '-type', 'd', '-name', name]);
  return stdout === '' ? [] : stdout.split('\n');
};

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('what can happen on a cell in a box', function () {
  const cellFor = lendingCells();

  it('all processes of a container die: listed, its directories stay', async function () {
    const cell = await cellFor(this);
    await cell.create({ handle: H, kind: 'app', peas: ['envoy'], processes: 3 });
    expect(cell.pids(H)).to.have.lengthOf(5);
    await cell.kill(H);
    expect(processesOf(H, cell.rootPid)).to.deep.equal([]);
    expect(await handlesOf(cell)).to.deep.equal([H]);
    expect(await directoriesOf(cell, H)).to.have.lengthOf(cell.hierarchies.length);
  });

  it('its first process ends before Garden moves it into its cgroups: created all the same, and empty', async function () {
    const cell = await cellFor(this);
    await cell.garden.control({ do: 'fill-pool', count: 1 });
    const inPool = (): readonly number[] => processesNamed('launcher', cell.rootPid);
    await waitFor('a process of the pool', () => inPool().length > 0);
    const [waiting = 0] = inPool();
    process.kill(waiting, 'SIGKILL');
    await waitFor('the end of the process', () => !existsSync(`/proc/${waiting}`));
    await cell.create({ handle: H, kind: 'app', cheap: true });
    expect(await handlesOf(cell, 'garden.state=created')).to.deep.equal([H]);
    expect(cell.pids(H)).to.deep.equal([]);
    await cell.destroy(H);
    expect(await handlesOf(cell)).to.deep.equal([]);
  });

  it('throttling moves a container to bad and back, in cpu only, and not its peas', async function () {
    const cell = await cellFor(this, { layout: 'throttled' });
    const tree = cell.mode === 'v2' ? 'v2' : 'cpu';
    await cell.create({ handle: H, kind: 'app', peas: ['envoy'], throttled: true });
    const cgroups = processesOf(H, cell.rootPid).map((pid) => cgroupsOfProcess(pid, cell.runId));
    const inBad = cgroups.filter((paths) => paths[tree]?.endsWith(`/garden/bad/${H}`) === true);
    expect(inBad).to.have.lengthOf(2);
    expect(cgroups.filter((paths) => paths[tree]?.endsWith('-envoy') === true)).to.have.lengthOf(1);
    if (cell.mode !== 'v2') {
      for (const paths of inBad) expect(paths['memory']).to.match(/\/garden\/good\/[^/]+$/);
    }
    cell.unthrottle(H);
    const after = processesOf(H, cell.rootPid).map(
      (pid) => cgroupsOfProcess(pid, cell.runId)[tree],
    );
    expect(after.filter((path) => path?.includes('/bad/') === true)).to.deep.equal([]);
  });

  it('bpm jobs, docker, systemd units and a stale directory stand beside the containers', async function () {
    const cell = await cellFor(this);
    await cell.others.bpmJob('rep', 'unique-scope');
    await cell.others.bpmJob('route_emitter', 'scope');
    await cell.others.bpmJob('prom_scraper', 'cgroupfs');
    await cell.others.dockerScope();
    await cell.others.systemdUnit('ssh.service');
    cell.others.leaveDirectory('stale-one');
    const names = ['monit-service-bpm-bpm-rep.scope', 'runc-bpm-route_emitter.scope'];
    for (const name of [...names, 'bpm-prom_scraper', 'docker-*.scope', 'ssh.service']) {
      const [directory = ''] = await directoriesOf(cell, name);
      const members = readFileSync(`${directory}/cgroup.procs`, 'utf8');
      expect(members, name).to.match(/^\d+\n$/);
    }
    expect(await directoriesOf(cell, 'stale-one')).to.have.lengthOf(cell.hierarchies.length);
  });

  it('a Garden inside a container has its containers below it', async function () {
    const cell = await cellFor(this);
    await cell.create({ handle: H, kind: 'app', privileged: true, nested: ['inner'] });
    const [inner = ''] = await directoriesOf(cell, 'inner');
    expect(inner).to.match(new RegExp(`/${H}/garden/inner$`));
    expect(cell.pids(H)).to.have.lengthOf(3);
  });

  it('a container cannot have a handle that no cgroup can have', async function () {
    const cell = await cellFor(this);
    for (const handle of ['', '..', 'a/b', 'a\nb', 'a'.repeat(201)]) {
      expect(await failureOf(cell.create({ handle, kind: 'other' })), handle).to.be.instanceOf(
        KnownFailure,
      );
    }
    expect(await handlesOf(cell)).to.deep.equal([]);
  });
});
