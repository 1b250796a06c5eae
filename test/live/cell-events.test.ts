import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { execa } from 'execa';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { waitFor } from '../wait-for.ts';
import {
  ask,
  handlesOf,
  inCell,
  inSharedCell,
  needsCell,
  processesNamed,
  cgroupsOfProcess,
  processesOf,
} from './cells.ts';

const H = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const OTHER = '8a37cb6f-385b-4dd3-732c-34d6';

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
  const inPlainCell = inSharedCell({});

  before(function () {
    needsCell(this);
  });

  it('Garden forgets a container: not listed, its processes and cgroups live on', () =>
    inPlainCell(async (cell) => {
      await cell.create({ handle: H, kind: 'app' });
      await cell.forget(H);
      expect(await handlesOf(cell)).to.deep.equal([]);
      expect(cell.pids(H)).to.have.lengthOf(2);
      await cell.garden.crash();
      expect(await handlesOf(cell), 'after a restart of gdn').to.deep.equal([]);
    }));

  it('Garden loses the properties of one container', () =>
    inPlainCell(async (cell) => {
      await cell.create({ handle: H, kind: 'app' });
      await cell.create({ handle: OTHER, kind: 'app' });
      await cell.loseOwner(H);
      expect(await handlesOf(cell)).to.deep.equal([OTHER, H]);
      expect(await handlesOf(cell, 'executor:owner=executor&garden.state=all')).to.deep.equal([
        OTHER,
      ]);
      expect(await ask(cell, `/containers/${H}/properties`)).to.equal(null);
      expect(cell.pids(H)).to.have.lengthOf(2);
    }));

  it('a destroy gets stuck: listed and created, no process, no cgroup', () =>
    inPlainCell(async (cell) => {
      await cell.create({ handle: H, kind: 'app', peas: ['envoy'] });
      await cell.stickInDestroy(H);
      expect(await handlesOf(cell, 'garden.state=created')).to.deep.equal([H]);
      expect(processesOf(H, cell.rootPid)).to.deep.equal([]);
      expect(await directoriesOf(cell, `${H}*`)).to.deep.equal([]);
    }));

  it('all processes of a container die: listed, its directories stay', () =>
    inPlainCell(async (cell) => {
      await cell.create({ handle: H, kind: 'app', peas: ['envoy'], processes: 3 });
      expect(cell.pids(H)).to.have.lengthOf(5);
      await cell.kill(H);
      expect(processesOf(H, cell.rootPid)).to.deep.equal([]);
      expect(await handlesOf(cell)).to.deep.equal([H]);
      expect(await directoriesOf(cell, H)).to.have.lengthOf(cell.hierarchies.length);
    }));

  it('its first process ends before Garden moves it into its cgroups: created all the same, and empty', () =>
    inPlainCell(async (cell) => {
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
    }));

  it('a container is moved out of its cgroup in one hierarchy, then in all: it runs on with its own root', () =>
    inPlainCell(async (cell) => {
      const { key } = cell.hierarchies[0] ?? { key: '' };
      await cell.create({ handle: H, kind: 'app' });
      const [pid = 0] = processesOf(H, cell.rootPid);
      const before = Object.keys(cgroupsOfProcess(pid, cell.runId));
      const controllers = key.split(',');
      cell.moveOut(H, key);
      const after = Object.keys(cgroupsOfProcess(pid, cell.runId));
      expect(after).to.deep.equal(before.filter((name) => !controllers.includes(name)));
      cell.moveOut(H, 'all');
      expect(cgroupsOfProcess(pid, cell.runId)).to.deep.equal({});
      const [rootMount = ''] = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
      expect(rootMount.split(' ')[4]).to.equal('/');
      expect(rootMount).to.include(`/${H}/`);
    }));

  it('throttling moves a container to bad and back, in cpu only, and not its peas', () =>
    inCell({ layout: 'throttled' }, async (cell) => {
      const tree = cell.mode === 'v2' ? 'v2' : 'cpu';
      await cell.create({ handle: H, kind: 'app', peas: ['envoy'], throttled: true });
      const cgroups = processesOf(H, cell.rootPid).map((pid) => cgroupsOfProcess(pid, cell.runId));
      const inBad = cgroups.filter((paths) => paths[tree]?.endsWith(`/garden/bad/${H}`) === true);
      expect(inBad).to.have.lengthOf(2);
      expect(cgroups.filter((paths) => paths[tree]?.endsWith('-envoy') === true)).to.have.lengthOf(
        1,
      );
      if (cell.mode !== 'v2') {
        for (const paths of inBad) expect(paths['memory']).to.match(/\/garden\/good\/[^/]+$/);
      }
      cell.unthrottle(H);
      const after = processesOf(H, cell.rootPid).map(
        (pid) => cgroupsOfProcess(pid, cell.runId)[tree],
      );
      expect(after.filter((path) => path?.includes('/bad/') === true)).to.deep.equal([]);
    }));

  it('bpm jobs, docker, systemd units and a stale directory stand beside the containers', () =>
    inPlainCell(async (cell) => {
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
    }));

  it('a Garden inside a container has its containers below it', () =>
    inPlainCell(async (cell) => {
      await cell.create({ handle: H, kind: 'app', privileged: true, nested: ['inner'] });
      const [inner = ''] = await directoriesOf(cell, 'inner');
      expect(inner).to.match(new RegExp(`/${H}/garden/inner$`));
      expect(cell.pids(H)).to.have.lengthOf(3);
    }));

  it('free-form handles work, except the ones that no cgroup can have', () =>
    inPlainCell(async (cell) => {
      for (const handle of ['x', 'a'.repeat(200), `Ünï, "code": it's \u001b[31m`]) {
        await cell.create({ handle, kind: 'other' });
        expect(cell.pids(handle), handle).to.have.lengthOf(2);
        await cell.destroy(handle);
        expect(await directoriesOf(cell, handle), handle).to.deep.equal([]);
      }
      for (const handle of ['', '..', 'a/b', 'a\nb', 'a'.repeat(201)]) {
        expect(await failureOf(cell.create({ handle, kind: 'other' })), handle).to.be.instanceOf(
          KnownFailure,
        );
      }
      expect(await handlesOf(cell)).to.deep.equal([]);
    }));

  it('a command can be run inside, as a member of the cell', () =>
    inCell({ cgroupNamespace: 'private' }, async (cell) => {
      const [file = '', ...args] = cell.enter;
      const run = await execa(file, [...args, 'sh', '-c', 'cat /proc/self/cgroup; ls /proc/1/ns']);
      const paths = run.stdout.split('\n').filter((line) => line.includes(':'));
      expect(new Set(paths.map((line) => line.split(':')[2]))).to.deep.equal(new Set(['/']));
      expect(existsSync(cell.socketPath)).to.equal(true);
    }));
});

describe('the gdn of a cell in a box', function () {
  const inPlainCell = inSharedCell({});

  before(function () {
    needsCell(this);
  });

  it('stops: its socket refuses, the containers run on; started again, it knows all of them', () =>
    inPlainCell(async (cell) => {
      await cell.create({ handle: H, kind: 'app' });
      await cell.garden.stop();
      expect(await failureOf(ask(cell, '/ping'))).to.include({ code: 'ECONNREFUSED' });
      expect(cell.pids(H)).to.have.lengthOf(2);
      await cell.garden.start();
      expect(await handlesOf(cell, 'executor:owner=executor')).to.deep.equal([H]);
      await cell.destroy(H);
      expect(processesOf(H, cell.rootPid)).to.deep.equal([]);
    }));

  it('crashes: every property is lost, created or not, also those of an earlier graceful stop', () =>
    inPlainCell(async (cell) => {
      await cell.create({ handle: H, kind: 'app' });
      await cell.garden.stop();
      await cell.garden.start();
      await cell.garden.crash();
      expect(await handlesOf(cell, '')).to.deep.equal([]);
      expect(await handlesOf(cell, 'executor:owner=executor&garden.state=all')).to.deep.equal([]);
      expect(await handlesOf(cell)).to.deep.equal([H]);
      expect(cell.pids(H)).to.have.lengthOf(2);
    }));

  it('fails on request', () =>
    inPlainCell(async (cell) => {
      await cell.garden.setFault({ kind: 'status', status: 500, body: '{}' }, 'list');
      expect(await ask(cell, '/containers')).to.deep.equal({});
      expect(await ask(cell, '/ping')).to.deep.equal({});
      await cell.garden.setFault({ kind: 'none' });
      expect(await handlesOf(cell)).to.deep.equal([]);
    }));

  it('serves many cheap containers, and churn that leaves nothing', () =>
    inPlainCell(async (cell) => {
      const handles = await cell.createMany(100);
      expect(await handlesOf(cell)).to.have.members(handles);
      for (const handle of handles) expect(cell.pids(handle)).to.have.lengthOf(1);
      await cell.churn(30);
      await cell.churn(5, { cheap: false });
      expect(await handlesOf(cell)).to.have.members(handles);
    }));
});
