import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { nextPassIn, someInterval, waitAfterChange, Waits } from '../../src/agent/schedule.ts';
import { A, complete, passOf } from '../reconcile/cell-builder.ts';
import { cellOf } from '../reconcile/cell-rows.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/lasting.ts';

const gracePeriods = gracePeriodsOfAgent(30_000, 15_000);
const next = (memory = EMPTY_MEMORY, failures = 0): number =>
  nextPassIn(memory, gracePeriods, failures, 15_000);

/** As the agent's passes leave it, each a time in milliseconds and a cell. */
function memoryAfter(...passes: readonly (readonly [at: number, cell: string])[]): Memory {
  let memory = EMPTY_MEMORY;
  for (const [at, cell] of passes)
    ({ memory } = complete(passOf({ ...cellOf(cell), at }, memory), gracePeriods));
  return memory;
}
const LOST = 'garden/A: 200; lists -';
const PARTIAL = 'garden/A: 200; in cpu garden:; cgroups 200 memory=garden/A cpu=/';

describe('when the agent makes its next pass', () => {
  it('waits an interval on a quiet cell', () => {
    expect(next()).to.equal(15_000);
  });

  it('backs off after failed passes, up to the interval', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => next(EMPTY_MEMORY, failures))).to.deep.equal([
      1000, 2000, 4000, 8000, 15_000, 15_000,
    ]);
  });

  it('makes a pass when the grace period of a difference ends', () => {
    expect(next(memoryAfter([0, LOST], [20_000, LOST]))).to.equal(10_000);
  });

  it('makes a pass when the grace period of a more severe difference ends, after one was reported', () => {
    const worse = `${PARTIAL}; unowned A`;
    const memory = memoryAfter([0, PARTIAL], [30_000, PARTIAL], [31_000, worse], [51_000, worse]);
    expect(next(memory)).to.equal(10_000);
  });

  it('does not make pass after pass while the clock stands still', () => {
    // At most 30 s count between two passes.
    const passes = [0, 30_000, 60_000, 89_980].map((at) => [at, 'garden:'] as const);
    expect(next(memoryAfter(...passes))).to.equal(50);
    const unreadable = memoryAfter(...passes, [89_990, 'garden/A: EACCES']);
    expect(next(unreadable)).to.equal(15_000);
  });

  it('waits for another pass that counts if only that can show whether it is a finding', () => {
    const memory = memoryAfter(
      [0, PARTIAL],
      [20_000, PARTIAL],
      [30_000, 'garden/A: 200; in cpu garden:; lists -'],
    );
    const remembered = memory.containers.get(asHandle(A));
    expect(remembered).to.include({ reason: 'unknown-to-garden', reported: false, lasted: 30_000 });
    expect(next(memory)).to.equal(15_000);
  });

  it('makes the passes that count at times from three quarters of an interval to all of it', () => {
    expect([0, 0.5, 1].map((chance) => someInterval(16_000, chance))).to.deep.equal([
      12_000, 14_000, 16_000,
    ]);
  });

  it('gives a no-cgroup three times the grace period', () => {
    expect(gracePeriods.of('no-cgroup', null)).to.equal(90_000);
  });

  it('takes at most a tenth of the time, however much changes', () => {
    expect(waitAfterChange(2, 15_000)).to.equal(100);
    expect(waitAfterChange(400, 15_000)).to.equal(4000);
  });

  it('waits at most an interval after a long pass', () => {
    expect(waitAfterChange(20_000, 15_000)).to.equal(15_000);
    expect(waitAfterChange(20_000, 50)).to.equal(100);
  });
});

const LONG = 1_000_000;
const stateOf = (promise: Promise<unknown>): Promise<'ended' | 'waits'> =>
  Promise.race([promise.then(() => 'ended' as const), sleep(20, 'waits' as const)]);

describe('the waits between passes', () => {
  it('end with a change, including one during a pass', async () => {
    const waits = new Waits();
    waits.changed();
    expect(await waits.untilChange(LONG)).to.equal(true);
    waits.passStarts();
    expect(await waits.untilChange(1)).to.equal(false);
    const waiting = waits.untilChange(LONG);
    expect(await stateOf(waiting)).to.equal('waits');
    waits.changed();
    expect(await waiting).to.equal(true);
  });

  it('count a change before a pass once, and one during the pass again', async () => {
    const waits = new Waits();
    waits.changed();
    expect(await waits.untilChange(LONG)).to.equal(true);
    const pausing = waits.pause(1);
    waits.changed();
    await pausing;
    waits.passStarts();
    const waiting = waits.untilChange(LONG);
    expect(await stateOf(waiting)).to.equal('waits');
    waits.changed();
    expect(await waiting).to.equal(true);
    waits.passStarts();
    waits.changed();
    expect(await waits.untilChange(LONG)).to.equal(true);
  });

  it('rest after a costly pass, unless a change is urgent', async () => {
    const waits = new Waits();
    const resting = waits.rest(LONG);
    waits.changed();
    expect(await stateOf(resting)).to.equal('waits');
    waits.changedUrgently();
    await resting;
    expect(await waits.untilChange(LONG)).to.equal(true);
  });

  it('do not rest after an earlier urgent change: during the pass, the pause or the wait', async () => {
    const waits = new Waits();
    waits.changedUrgently();
    expect(await waits.untilChange(LONG)).to.equal(true);
    await waits.pause(1);
    await waits.rest(LONG);
    expect(await stateOf(waits.rest(LONG))).to.equal('waits');
    waits.close();
  });

  it('collect changes for a moment even then', async () => {
    const waits = new Waits();
    const gathering = waits.pause(LONG);
    waits.changedUrgently();
    expect(await stateOf(gathering)).to.equal('waits');
    waits.close();
    await gathering;
  });

  it('all end for good when they are closed', async () => {
    for (const wait of ['untilChange', 'pause', 'rest'] as const) {
      const waits = new Waits();
      const waiting = waits[wait](LONG);
      waits.close();
      await waiting;
      await waits[wait](LONG);
    }
  });
});
