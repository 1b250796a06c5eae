import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { nextPassIn, restAfterPass, someInterval, Waits } from '../../src/agent/schedule.ts';
import { complete, passOf } from '../reconcile/cell-builder.ts';
import { app, cell, GARDEN, loseProperties, type Cell } from '../reconcile/cell.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/difference.ts';

const gracePeriods = gracePeriodsOfAgent(30_000, 15_000);
const next = (memory = EMPTY_MEMORY, failures = 0): number =>
  nextPassIn(memory, gracePeriods, failures, 15_000);

const billing = app('billing');
const empty = cell({ listed: [billing], cgroups: { [GARDEN]: [] } });
const unreadable = cell({ listed: [billing], cgroups: { [billing.cgroup]: 'EACCES' } });
const lost = cell({ lost: [billing] });
/** In cpu it is in no cgroup of its own. */
const partial = cell({
  containers: [billing],
  hierarchies: { cpu: { [GARDEN]: [] } },
  memberships: { 200: { memory: billing.cgroup, cpu: '/' } },
});
const unowned = loseProperties(partial, billing);
const lostInCpu = cell({ lost: [billing], hierarchies: { cpu: { [GARDEN]: [] } } });

/** What the agent knows after passes, each so many seconds after its start. */
function memoryAfter(...passes: readonly (readonly [seconds: number, seen: Cell])[]): Memory {
  let memory = EMPTY_MEMORY;
  for (const [seconds, seen] of passes)
    ({ memory } = complete(passOf({ ...seen, at: seconds * 1000 }, memory), gracePeriods));
  return memory;
}

describe('The agent', () => {
  it('waits an interval on a quiet cell', () => {
    expect(next(memoryAfter())).to.equal(15_000);
  });

  it('makes a pass when the grace period of a difference ends', () => {
    expect(next(memoryAfter([0, lost], [20, lost]))).to.equal(10_000);
  });

  it('makes one when that of a more severe difference ends, after one was reported', () => {
    const reported = [
      [0, partial],
      [30, partial],
    ] as const;
    expect(next(memoryAfter(...reported, [31, unowned], [51, unowned]))).to.equal(10_000);
  });

  it('waits a little at the end, because at most 30 s count between two passes', () => {
    const passes = memoryAfter([0, empty], [30, empty], [60, empty], [89.98, empty]);
    expect(next(passes)).to.equal(50);
  });

  it('does not make pass after pass while the clock stands still', () => {
    const passes = [
      [0, empty],
      [30, empty],
      [60, empty],
      [89.98, empty],
    ] as const;
    expect(next(memoryAfter(...passes, [89.99, unreadable]))).to.equal(15_000);
  });

  it('waits for another pass that counts if only that can show whether it is a finding', () => {
    expect(next(memoryAfter([0, partial], [20, partial], [30, lostInCpu]))).to.equal(15_000);
  });

  it('waits for a second pass of a difference that has lasted, but is not reported', () => {
    const { containers } = memoryAfter([0, partial], [20, partial], [30, lostInCpu]);
    const remembered = { reason: 'unknown-to-garden', reported: false, lasted: 30_000 };
    expect(containers.get(asHandle(billing.handle))).to.include(remembered);
  });

  it('backs off after failed passes, up to the interval', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => next(EMPTY_MEMORY, failures))).to.deep.equal([
      1000, 2000, 4000, 8000, 15_000, 15_000,
    ]);
  });

  it('makes the passes that count at times from three quarters of an interval to all of it', () => {
    expect([0, 0.5, 1].map((chance) => someInterval(16_000, chance))).to.deep.equal([
      12_000, 14_000, 16_000,
    ]);
  });

  it('gives a no-cgroup three times the grace period', () => {
    expect(gracePeriods.of('no-cgroup', null)).to.equal(90_000);
  });

  it('takes at most half a percent of the time for changes, and rests at most an interval', () => {
    expect([2, 40, 20_000].map((took) => restAfterPass(took, 15_000))).to.deep.equal([
      400, 8000, 15_000,
    ]);
  });
});

const LONG = 1_000_000;
const stateOf = (promise: Promise<unknown>): Promise<'ended' | 'waits'> =>
  Promise.race([promise.then(() => 'ended' as const), sleep(20, 'waits' as const)]);

describe('The waits between passes', () => {
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

  it('do not rest after an urgent change during the pass, the pause or the wait', async () => {
    const waits = new Waits();
    waits.changedUrgently();
    expect(await waits.untilChange(LONG)).to.equal(true);
    await waits.pause(1);
    await waits.rest(LONG);
    expect(await stateOf(waits.rest(LONG))).to.equal('waits');
    waits.close();
  });

  it('collect changes for a moment even after an urgent change', async () => {
    const waits = new Waits();
    const gathering = waits.pause(LONG);
    waits.changedUrgently();
    expect(await stateOf(gathering)).to.equal('waits');
    waits.close();
    await gathering;
  });

  it('end for good when they are closed', async () => {
    for (const wait of ['untilChange', 'pause', 'rest'] as const) {
      const waits = new Waits();
      const waiting = waits[wait](LONG);
      waits.close();
      await waiting;
      await waits[wait](LONG);
    }
  });
});
