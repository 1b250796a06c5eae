import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import type { RootedHierarchy } from '../../src/demo-cell/cgroups/cgroup-paths.ts';
import { waitFor } from '../wait-for.ts';
import { lendingCells, processesNamed } from './cells.ts';
import { moveTo, rootOf, startProcess } from './container-processes.ts';
import { check, inside, SHORT, statuses } from './rollcall.ts';

const APP = '8a37cb6f-385b-4dd3-732c-34d6';
const LOST = 'c0ffee00-1234-4567-89ab-cdef';

const moveFirstProcess = (cell: Cell, trees: readonly RootedHierarchy[]): void => {
  for (const { root } of trees) {
    mkdirSync(`${root}/sensor.falcon`, { recursive: true });
    writeFileSync(`${root}/sensor.falcon/cgroup.procs`, `${cell.rootPid}`);
  }
};
const moveBack = (cell: Cell, trees: readonly RootedHierarchy[]): void => {
  for (const { root } of trees) {
    writeFileSync(`${root}/cgroup.procs`, `${cell.rootPid}`);
    rmdirSync(`${root}/sensor.falcon`);
  }
};
const isOf = (controller: string) => (tree: RootedHierarchy) =>
  tree.controllers.includes(controller);

const MOVED: Readonly<Record<string, [Partial<CellOptions>, (tree: RootedHierarchy) => boolean]>> =
  {
    'the cpu hierarchy of v1': [{ mode: 'v1' }, isOf('cpu')],
    'the memory hierarchy of v1': [{ mode: 'v1' }, isOf('memory')],
    'every hierarchy of v1': [{ mode: 'v1' }, () => true],
    'the tree of v2': [{ mode: 'v2' }, () => true],
    'every hierarchy of a cell in a container': [
      { mode: 'v1', cgroupNamespace: 'private' },
      () => true,
    ],
  };

describe('a sensor that moves pid 1 to a cgroup of its own', () => {
  const cellFor = lendingCells();

  for (const [where, [options, isMoved]] of Object.entries(MOVED)) {
    it(`hides no container: ${where}`, async function () {
      const cell = await cellFor(this, options);
      await cell.create({ handle: APP, kind: 'app' });
      await cell.create({ handle: LOST, kind: 'app' });
      await cell.forget(LOST);
      const trees = cell.hierarchies.filter(isMoved);
      moveFirstProcess(cell, trees);
      const { report, exitCode } = await check(cell, SHORT);
      moveBack(cell, trees);
      expect(statuses(report), report.why).to.deep.equal({
        [APP]: 'tracked',
        [LOST]: 'untracked unknown-to-garden',
      });
      expect(exitCode).to.equal(1);
    });
  }
});

const impostorIn = ({ rootPid }: Cell): number | undefined =>
  processesNamed('gdn', rootPid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/tmp/gdn'),
  );

describe('another process of root that is called gdn', () => {
  const cellFor = lendingCells();

  for (const mode of ['v1', 'v2'] as const) {
    it(`is not taken for Garden's server when Garden's list is empty (${mode})`, async function () {
      const cell = await cellFor(this, { mode });
      const impostor =
        'f=$(mktemp -d); cp /bin/sleep $f/gdn; $f/gdn 1000 >/dev/null 2>&1 & ' +
        'until grep -q gdn /proc/$!/comm; do :; done; rm -r $f';
      await inside(cell, ['sh', '-c', impostor]);
      await cell.create({ handle: LOST, kind: 'app' });
      await cell.forget(LOST);
      const { report } = await check(cell, SHORT);
      expect(statuses(report), report.why).to.deep.equal({ [LOST]: 'untracked unknown-to-garden' });
    });

    it(`does not hide what left its container from bpm's job garden (${mode})`, async function () {
      const cell = await cellFor(this, { mode });
      await cell.create({ handle: APP, kind: 'app', privileged: true });
      const start = { by: 'dadoo', root: rootOf(APP, 'privileged'), inside: APP };
      await startProcess(cell, start, 'cp /bin/sleep /tmp/gdn; setsid --fork /tmp/gdn 1000');
      await waitFor('the impostor', () => impostorIn(cell) !== undefined);
      moveTo(cell, impostorIn(cell) ?? 0, '/bpm-garden');
      const { report } = await check(cell, SHORT);
      expect(statuses(report), report.why).to.deep.equal({ [APP]: 'untracked escaped' });
    });
  }
});
