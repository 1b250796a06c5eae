import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { lendingCells, needsCell } from './cells.ts';
import {
  check,
  containerOf,
  explain,
  rollcall,
  SHORT,
  statuses,
  type Checked,
} from './rollcall.ts';

const A = '8a37cb6f-385b-4dd3-732c-34d6';
const B = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const C = 'c0ffee00-1234-4567-89ab-cdef';
const TASK = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';

describe('what check finds, by reason', function () {
  const cellFor = lendingCells();

  let slowCell: Cell | null = null;
  let slowCheck: Promise<Checked> | null = null;

  // Half a minute of waiting, during which the other tests run.
  before(async function () {
    needsCell(this);
    slowCell = await startCell({ label: 'slow' });
    for (const handle of [A, B, C]) await slowCell.create({ handle, kind: 'app' });
    await slowCell.stickInDestroy(A);
    slowCell.moveOut(B, 'all');
    slowCheck = check(slowCell, ['--settle', '30s']);
    slowCheck.catch(() => undefined); // the test that waits for it reports it
  });

  after(async () => {
    await slowCell?.stop();
  });

  it('unowned: Garden lost the properties of one, then, in a crash, of all', async function () {
    const cell = await cellFor(this, { layout: 'throttled' });
    await cell.create({ handle: A, kind: 'app', peas: ['envoy'] });
    await cell.create({ handle: B, kind: 'app', privileged: true });
    await cell.create({ handle: TASK, kind: 'task' });
    await cell.loseOwner(A);
    const one = await check(cell, SHORT);
    expect(one.exitCode).to.equal(1);
    expect(statuses(one.report)).to.deep.equal({
      [A]: 'untracked unowned',
      [B]: 'tracked',
      [TASK]: 'tracked',
    });
    expect(one.report.summary.byReason).to.include({ unowned: 1, 'unknown-to-garden': 0 });
    await cell.garden.crash();
    const all = await check(cell, SHORT);
    expect(all.exitCode).to.equal(1);
    expect(statuses(all.report)).to.deep.equal({
      [A]: 'untracked unowned',
      [B]: 'untracked unowned',
      [TASK]: 'untracked unowned',
    });
    for (const { severity } of all.report.containers) expect(severity).to.equal('critical');
  });

  it('no-cgroup: pending in a short check, which says so', async function () {
    const cell = await cellFor(this);
    for (const handle of [A, B, C]) await cell.create({ handle, kind: 'app', peas: ['envoy'] });
    await cell.stickInDestroy(A);
    await cell.kill(B);
    const { report, exitCode } = await check(cell, SHORT);
    expect(exitCode).to.equal(0);
    expect(statuses(report)).to.deep.equal({
      [A]: 'pending no-cgroup',
      [B]: 'pending no-cgroup',
      [C]: 'tracked',
    });
    for (const handle of [A, B]) expect(containerOf(report, handle).severity).to.equal('warning');
    const table = await rollcall(cell, ['check', ...SHORT]);
    expect(table.exitCode).to.equal(0);
    expect(table.stdout.replaceAll(/\s+/g, ' ')).to.contain('use --settle 30s or more');
  });

  it('partial: gone from one hierarchy, reported only when a second pass sees it too', async function () {
    const cell = await cellFor(this, { mode: 'v1' });
    for (const handle of [A, B, C]) await cell.create({ handle, kind: 'app' });
    cell.moveOut(A, 'freezer');
    cell.moveOut(B, 'memory');
    const once = await check(cell, ['--settle', '0']);
    expect(once.exitCode).to.equal(0);
    expect(statuses(once.report)).to.deep.equal({
      [A]: 'pending partial',
      [B]: 'pending partial',
      [C]: 'tracked',
    });
    const { report, exitCode } = await check(cell, SHORT);
    expect(exitCode).to.equal(1);
    expect(statuses(report)).to.deep.equal({
      [A]: 'untracked partial',
      [B]: 'untracked partial',
      [C]: 'tracked',
    });
    expect(containerOf(report, A)).to.include({ severity: 'warning', pids: 2 });
    expect(containerOf(report, A).sentence).to.contain('the freezer hierarchy');
    expect(containerOf(report, B).sentence).to.contain('the memory hierarchy');
    const { hierarchies } = await explain(cell, A, SHORT);
    const missing = hierarchies.filter(({ pids }) => pids.length === 0);
    expect(missing.flatMap(({ controllers }) => controllers)).to.deep.equal(['freezer']);
  });

  it('no-cgroup: reported by a check that lasts 30 s, critical while its root filesystem is in use', async function () {
    const cell = slowCell;
    if (cell === null || slowCheck === null) throw new Error('the check was not started');
    const { report, exitCode } = await slowCheck;
    expect(exitCode).to.equal(1);
    expect(statuses(report)).to.deep.equal({
      [A]: 'untracked no-cgroup',
      [B]: 'untracked no-cgroup',
      [C]: 'tracked',
    });
    expect(containerOf(report, A)).to.deep.include({ severity: 'warning', processes: [] });
    const runsOn = containerOf(report, B);
    expect(runsOn.severity).to.equal('critical');
    expect(runsOn.sentence).to.match(/processes \d+ and \d+ still have its root filesystem/);
    expect(runsOn.processes.map(({ command }) => command).join()).to.contain('garden-init');
    expect(report.containers[0]?.handle, 'the worst is first').to.equal(B);
    const explained = await explain(cell, B, SHORT);
    expect(explained).to.include({ status: 'pending', reason: 'no-cgroup', severity: 'critical' });
  });
});
