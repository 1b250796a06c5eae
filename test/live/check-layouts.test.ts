import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { CellMode } from '../../tools/demo-cell/cgroups/hierarchies.ts';
import { RUN_PREFIX } from '../../tools/demo-cell/cell/runs.ts';
import { cgroupsOfProcess, cellFor } from './cells.ts';
import { listsOf, processOf, rootOf, startProcess } from './container-processes.ts';
import {
  ALL_TRACKED,
  APP,
  createEveryKind,
  HEALTH_CHECK,
  OTHER,
  PRIVILEGED,
  TASK,
} from './every-kind.ts';
import { passTaker } from './passes.ts';
import { check, containerOf, ignoring, statuses, type ReportJson } from './rollcall.ts';

const UNIT = '/system.slice/garden.service';

interface Shape {
  readonly mode: CellMode;
  readonly layout: 'plain' | 'throttled';
  readonly runtime: 'runc' | 'containerd';
}

/**
 * The cgroups of a container's init process as the kernel says, by controller;
 * test/live/cell-layout says where these must be.
 */
function expectCgroups(report: ReportJson, cell: Cell, handle: string): void {
  const pid = processOf(cell, handle, 'garden-init');
  const below = Object.entries(cgroupsOfProcess(pid, cell.runId));
  const paths = below.map(([controller, path]) => [
    controller,
    // containerd's leaf on v2
    `/${RUN_PREFIX}${cell.runId}${path.replace(/\/init$/, '')}`,
  ]);
  expect(containerOf(report, handle).cgroups, handle).to.deep.equal(Object.fromEntries(paths));
}

describe('A check', function () {
  for (const mode of ['v1', 'hybrid', 'v2'] as const) {
    for (const layout of ['plain', 'throttled'] as const) {
      for (const runtime of ['runc', 'containerd'] as const) {
        const shape: Shape = { mode, layout, runtime };
        it(`finds every container of a ${mode} cell, ${layout}, with ${runtime}`, async function () {
          const confusing = { reversed: true, tag: 'ab', containerMounts: true };
          await checkEverything(await cellFor(this, { ...shape, ...confusing }), shape);
        });
      }
    }
  }
});

async function checkEverything(cell: Cell, shape: Shape): Promise<void> {
  await createEveryKind(cell);
  if (shape.layout === 'throttled') cell.throttle(OTHER);
  const { report, exitCode, stderr } = await check(cell);

  expect(statuses(report)).to.deep.equal(ALL_TRACKED);
  expect(report.verdict).to.equal('all-tracked');
  expect([exitCode, stderr]).to.deep.equal([0, '']);
  expect(report.summary).to.include({ listed: 5, tracked: 5, pending: 0, untracked: 0 });
  expect(report.leftoverCgroups, 'leftoverCgroups').to.deep.equal([]);

  expect(containerOf(report, APP)).to.include({ kind: 'app-instance', pids: 2, privileged: false });
  expect(containerOf(report, APP).app).to.include({ name: 'billing', index: 2 });
  expect(containerOf(report, TASK).kind).to.equal('task');
  expect(containerOf(report, HEALTH_CHECK)).to.include({ kind: 'health-check', pids: 1 });
  expect(containerOf(report, OTHER).kind).to.equal('other');
  expect(containerOf(report, PRIVILEGED).privileged).to.equal(true);
  for (const handle of [APP, PRIVILEGED]) {
    const peas = [`${handle}-envoy`, `${handle}-liveness-healthcheck-0`];
    expect(containerOf(report, handle).peas).to.deep.equal(peas);
  }

  for (const handle of [APP, PRIVILEGED, OTHER]) expectCgroups(report, cell, handle);
  checkMounts(report, cell, shape);
  if (shape.layout === 'throttled') {
    expect(containerOf(report, OTHER).throttled).to.equal(true);
    cell.unthrottle(OTHER);
    const { report: after } = await check(cell);
    expect(containerOf(after, OTHER)).to.include({ status: 'tracked', throttled: false });
  }
  await checkForgotten(cell, shape);
}

/**
 * Garden forgets an app and a privileged one, which a pass finds by its memory, and without one by
 * their processes.
 */
async function checkForgotten(cell: Cell, { runtime }: Shape): Promise<void> {
  if (runtime === 'runc') await startBesideInit(cell, PRIVILEGED);
  const takePass = passTaker(cell);
  const { report: before } = await takePass();
  for (const handle of [APP, PRIVILEGED]) await cell.forget(handle);
  for (const [afresh, basis] of [
    [false, 'Garden listed this container before'],
    [true, 'Garden started a process in this container'],
  ] as const) {
    const { report } = await takePass({ afresh });
    for (const handle of [APP, PRIVILEGED]) {
      const lost = containerOf(report, handle);
      expect(lost).to.include({
        status: 'untracked',
        reason: 'unknown-to-garden',
        severity: 'critical',
        privileged: handle === PRIVILEGED,
      });
      expect(lost.peas).to.deep.equal([`${handle}-envoy`, `${handle}-liveness-healthcheck-0`]);
      expect(lost.processes.map(({ command }) => command).join()).to.contain('garden-init');
      if (!afresh) expect(lost.app).to.deep.equal(containerOf(before, handle).app);
    }
    expect(containerOf(report, PRIVILEGED).sentence).to.contain(basis);
    expect(ignoring(report), 'its peas are not unlisted cgroups').to.equal('');
    expect(report.summary).to.include({ tracked: 3, untracked: 2 });
  }
}

/** What Garden starts in a privileged container after its init. */
async function startBesideInit(cell: Cell, handle: string): Promise<void> {
  const lists = listsOf(cell, processOf(cell, handle, 'garden-init'));
  const root = rootOf(handle, 'privileged');
  const pid = await startProcess(cell, { by: 'dadoo', root, inside: handle });
  for (const list of lists) writeFileSync(list, `${pid}`);
}

/**
 * Neither the second set, nor a container's own mounts, nor the order of the lines leads astray.
 */
function checkMounts(report: ReportJson, cell: Cell, { mode }: Shape): void {
  const { cgroups } = report;
  expect(cgroups.mode).to.equal(mode);
  expect(cgroups.primary).to.equal(mode === 'v2' ? 'v2' : 'memory');
  expect(cgroups.hierarchies).to.have.lengthOf(cell.hierarchies.length);
  for (const { chosen, confirmed } of cgroups.hierarchies) {
    expect(chosen?.mountPoint).to.match(/^\/sys\/fs\/cgroup(\/|$)/);
    expect(confirmed).to.equal(true);
  }
  expect(cgroups.anchor).to.deep.include({
    source: 'process',
    path: `/${RUN_PREFIX}${cell.runId}${UNIT}`,
  });
}
