import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor, needsReadableProgram, NOBODY } from './cells.ts';
import {
  enterByHand,
  makeImage,
  moveTo,
  processOf,
  rootOf,
  startProcess,
  startSecondGdn,
} from './container-processes.ts';
import { passTaker } from './passes.ts';
import { startAgent, VERIFYING } from './running-agent.ts';
import { check, containerOf, SHORT, statuses } from './rollcall.ts';

const A = '8a37cb6f-385b-4dd3-732c-34d6';
const B = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const C = 'c0ffee00-1234-4567-89ab-cdef';
const D = 'd0d0d0d0-1234-4567-89ab-cdef';
const E = 'e1e1e1e1-1234-4567-89ab-cdef';
const F = 'f1f1f1f1-1234-4567-89ab-cdef';

const MODES = ['v1', 'hybrid', 'v2'] as const;
const GDN = '/system.slice/garden.service';
const WHOLE = { sweepsAll: true };

const gardenOf = (cell: Cell): string => (cell.mode === 'v2' ? '/garden' : `${GDN}/garden`);

/** In sh, by a process of a privileged container: to the cell's own cgroup, in every hierarchy. */
function moveItself(cell: Cell): string {
  const moves = cell.hierarchies.map(({ version, controllers, name, root }, n) => {
    const at = `/mnt/own-${n}`;
    const options = name === null ? controllers.join(',') : `none,name=${name}`;
    const type = version === 2 ? '-t cgroup2' : `-t cgroup -o ${options}`;
    const own = root.slice(root.lastIndexOf('/'));
    return `mkdir -p ${at} && mount ${type} none ${at} && echo 0 >${at}${own}/cgroup.procs`;
  });
  return moves.join(' && ');
}

/** To the cell's own cgroup, in the hierarchies of these controllers. */
function moveFrom(cell: Cell, pid: number, controllers: readonly string[]): void {
  for (const { root, controllers: own } of cell.hierarchies)
    if (own.some((one) => controllers.includes(one)))
      writeFileSync(`${root}/cgroup.procs`, `${pid}`);
}

describe('The agent', function () {
  for (const mode of MODES) {
    it(`finds the processes that left their container, however they did (${mode})`, async function () {
      const cell = await cellFor(this, { mode }, A, B, C, E, F);
      await cell.create({ handle: D, kind: 'app', privileged: true });
      await cell.others.systemdUnit('cron.service');
      moveTo(cell, processOf(cell, A, 'launcher'), '/system.slice/cron.service');
      moveTo(cell, processOf(cell, B, 'launcher'), '');
      moveTo(cell, processOf(cell, C, 'launcher'), `${gardenOf(cell)}/${E}`);
      const root = rootOf(D, 'privileged');
      await startProcess(cell, { by: 'dadoo', root, inside: D }, moveItself(cell));
      await enterByHand(cell, F);
      const { report, exitCode } = await check(cell, SHORT);
      expect(statuses(report)).to.deep.equal({
        [A]: 'untracked escaped',
        [B]: 'untracked escaped',
        [C]: 'untracked escaped',
        [D]: 'untracked escaped',
        [E]: 'tracked',
        [F]: 'untracked escaped',
      });
      expect(exitCode).to.equal(1);
      for (const handle of [A, B, C, D]) {
        const found = containerOf(report, handle);
        expect(found.severity, handle).to.equal('critical');
        expect(found.processes, handle).to.have.length(1);
        expect(found.sentence).to.match(
          /^Process \d+ has the root filesystem of this container, but runs outside/,
        );
      }
      expect(containerOf(report, A).processes[0]?.command).to.contain('launcher app');
      expect(containerOf(report, A).sentence).to.contain('/system.slice/cron.service');
      expect(containerOf(report, C).sentence).to.contain(`/garden/${E}`);
      const entered = containerOf(report, F);
      expect(entered.severity).to.equal('warning');
      expect(entered.sentence).to.match(/entered the container from outside with nsenter -t \d+/);
      needsReadableProgram(this);
      const byNobody = await check(cell, SHORT, { wrapper: NOBODY });
      expect(statuses(byNobody.report), 'by a user without rights').to.deep.equal(statuses(report));
    });

    it(`does not call escaped what only looks like it (${mode})`, async function () {
      const cell = await cellFor(this, { mode });
      for (const handle of [A, B, C]) {
        await cell.create({ handle, kind: 'app', peas: ['envoy', 'liveness-healthcheck'] });
      }
      // A stream into or out of a container: its root, gdn's cgroup, no pid namespace.
      const nstar = await startProcess(cell, { by: 'nstar', root: rootOf(A), inside: null });
      moveTo(cell, nstar, GDN);
      const image = `${rootOf(A).replace(/\/rootfs$/, '')}-sidecar`;
      const root = await makeImage(cell, image);
      const pea = await startProcess(cell, { by: 'dadoo', root, inside: A });
      moveTo(cell, pea, `${gardenOf(cell)}/${A}/${A}-sidecar`);
      const layer = `/var/lib/docker/overlay2/${'a'.repeat(64)}`;
      const docker = await startProcess(cell, {
        by: 'containerd-shim',
        root: await makeImage(cell, layer),
        inside: A,
      });
      moveTo(cell, docker, `/docker/${'b'.repeat(64)}`);
      // A second Garden with the same handle, in the handle's cgroup there and outside.
      await startSecondGdn(cell, '/system.slice/second.service');
      const second = await makeImage(cell, `/var/vcap/data/second/images/${B}`);
      const garden = mode === 'v2' ? '' : '/garden';
      for (const path of [`/system.slice/second.service${garden}/${B}`, '']) {
        const pid = await startProcess(cell, { by: 'dadoo', root: second, inside: C });
        moveTo(cell, pid, path);
      }
      // Its child is a zombie: its cgroup reads `/` on v1, and it has no mount table.
      const zombie = 'sh -c "exit 0" & :';
      const parent = await startProcess(cell, { by: 'dadoo', root: rootOf(C), inside: C }, zombie);
      moveTo(cell, parent, `${gardenOf(cell)}/${C}`);
      const takePass = passTaker(cell);
      for (let pass = 0; pass < 3; pass++) {
        const { report } = await takePass(WHOLE);
        const ours = Object.entries(statuses(report)).filter(([, one]) => /escaped/.test(one));
        expect(ours, `pass ${pass}`).to.deep.equal([]);
      }
      const { report } = await check(cell, SHORT);
      expect(Object.values(statuses(report)).join()).not.to.contain('escaped');
    });
  }

  for (const mode of ['hybrid', 'v1'] as const) {
    it(`finds a process that left its container on some hierarchies, and names them (${mode})`, async function () {
      const cell = await cellFor(this, { mode, layout: 'throttled' }, A, B, C);
      await cell.create({ handle: D, kind: 'app', privileged: true, peas: ['envoy'] });
      await cell.create({ handle: E, kind: 'app', throttled: true, peas: ['envoy'] });
      await cell.create({ handle: F, kind: 'app', peas: ['liveness-healthcheck'] });
      const controllers = cell.hierarchies.flatMap((tree) => tree.controllers.slice(0, 1));
      moveFrom(cell, processOf(cell, A, 'launcher'), controllers);
      moveFrom(cell, processOf(cell, B, 'launcher'), ['pids', 'freezer']);
      moveFrom(cell, processOf(cell, C, 'launcher'), ['memory']);
      const { report } = await check(cell, SHORT);
      expect(statuses(report)).to.deep.equal({
        [A]: 'untracked escaped',
        [B]: 'untracked partial',
        [C]: 'untracked partial',
        [D]: 'tracked',
        [E]: 'tracked',
        [F]: 'tracked',
      });
      const [a, b, c] = [A, B, C].map((handle) => containerOf(report, handle));
      expect([a, b, c].map((one) => one?.severity)).to.deep.equal([
        'critical',
        'warning',
        'warning',
      ]);
      expect(b?.sentence).to.match(
        /^Process \d+ of this container has left its cgroups in the (pids and freezer|freezer and pids) hierarchies/,
      );
      expect(b?.processes[0]?.command).to.contain('launcher app');
      expect(c?.sentence).to.match(
        /^Process \d+ of this container has left its cgroups in the memory hierarchy/,
      );
      if (mode === 'hybrid') expect(a?.sentence).to.match(/Only the .*v2.* still show/);
      const agent = await startAgent(cell, {}, [], VERIFYING);
      await agent.until('container.untracked', 3);
      expect(statuses(await agent.report())).to.deep.equal(statuses(report));
      expect(agent.timeline().filter((line) => line.includes('differs'))).to.deep.equal([]);
    });
  }

  it('logs one line where every process of a container has left', async function () {
    const cell = await cellFor(this, {}, A, B);
    const agent = await startAgent(cell, {}, [], VERIFYING);
    await agent.until('started');
    cell.moveOut(A, 'all');
    await agent.until('container.untracked');
    // Longer than no-cgroup must last.
    const before = await agent.passes();
    await waitFor('ten passes', async () => (await agent.passes()) >= before + 10);
    const told = agent.timeline().filter((line) => /^(container|reconcile)/.test(line));
    expect(told).to.deep.equal([`container.untracked ${A} escaped`]);
    expect(statuses(await agent.report())).to.deep.equal({
      [A]: 'untracked escaped',
      [B]: 'tracked',
    });
  });
});
