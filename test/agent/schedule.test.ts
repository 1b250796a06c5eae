import { expect } from 'chai';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { nextPassIn, gracePeriodsOfAgent, waitAfterChange } from '../../src/agent/schedule.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import { groundOf, snapshotOf, reportAfter, type CellText } from '../reconcile/cell-builder.ts';

const gracePeriods = gracePeriodsOfAgent(30_000);
const next = (memory = EMPTY_MEMORY, failures = 0): number =>
  nextPassIn(memory, gracePeriods, failures, 15_000);

/** As the agent's looks leave it. */
function memoryOf(cells: readonly CellText[]): Memory {
  let memory = EMPTY_MEMORY;
  for (const cell of cells)
    ({ memory } = reconcile(groundOf(cell), snapshotOf(cell), memory, gracePeriods));
  return memory;
}

describe('when the agent looks again', () => {
  it('waits an interval on a quiet cell', () => {
    expect(next()).to.equal(15_000);
  });

  it('backs off after failed passes, at most to the interval', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => next(EMPTY_MEMORY, failures))).to.deep.equal([
      1000, 2000, 4000, 8000, 15_000, 15_000,
    ]);
  });

  it('looks when the grace period of a difference ends', () => {
    const cell = {
      trees: { memory: '/g: 100\n/g/garden/a: 200' },
      listed: [],
      gdn: [{ pid: 100, cgroups: { memory: '/g' } }],
    };
    const { memory } = reportAfter([cell, { ...cell, at: 20_000 }], 30_000);
    expect(next(memory)).to.equal(10_000);
  });

  it('looks when the grace period of a worse difference ends, behind one that was reported', () => {
    const cell: CellText = {
      trees: { memory: '/g: 100\n/g/garden/a: 200', cpu: '/g/garden:' },
      listed: ['a'],
      gdn: [{ pid: 100, cgroups: { memory: '/g', cpu: '/g' } }],
      memberships: { 200: { memory: '/g/garden/a', cpu: '/' } },
    };
    const worse = { ...cell, listed: [] };
    const steps = [cell, { ...cell, at: 30_000 }, { ...worse, at: 31_000 }];
    const { memory } = reportAfter([...steps, { ...worse, at: 51_000 }], 30_000);
    expect(next(memory)).to.equal(10_000);
  });

  it('does not look again and again for a clock that stands still', () => {
    const cell: CellText = {
      trees: { memory: '/g: 100\n/g/garden:' },
      listed: ['a'],
      gdn: [{ pid: 100, cgroups: { memory: '/g' } }],
    };
    const unreadable = { ...cell, trees: { memory: '/g: 100\n/g/garden/a: EACCES' }, at: 89_990 };
    const steps = [cell, { ...cell, at: 89_980 }];
    expect(next(memoryOf(steps))).to.equal(50);
    expect(next(memoryOf([...steps, unreadable]))).to.equal(15_000);
  });

  it('gives a no-cgroup three times the grace period', () => {
    expect(gracePeriods.milliseconds['no-cgroup']).to.equal(90_000);
  });

  it('takes at most a tenth of the time, however much changes', () => {
    expect(waitAfterChange(2, 15_000)).to.equal(100);
    expect(waitAfterChange(400, 15_000)).to.equal(4000);
  });

  it('does not wait for longer than an interval after a pass that took long', () => {
    expect(waitAfterChange(20_000, 15_000)).to.equal(15_000);
    expect(waitAfterChange(20_000, 50)).to.equal(100);
  });
});
