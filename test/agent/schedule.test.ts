import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { nextPassIn, restAfterPass, someInterval, Waits } from '../../src/agent/schedule.ts';
import { A, complete, passOf } from '../reconcile/cell-builder.ts';
import { cellOf } from '../reconcile/cell-rows.ts';
import { rowsOf } from '../rows.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/lasting.ts';

const gracePeriods = gracePeriodsOfAgent(30_000, 15_000);
const next = (memory = EMPTY_MEMORY, failures = 0): number =>
  nextPassIn(memory, gracePeriods, failures, 15_000);

const CELLS: Readonly<Record<string, string>> = {
  empty: 'garden:',
  unreadable: 'garden/A: EACCES',
  lost: 'garden/A: 200; lists -',
  partial: 'garden/A: 200; in cpu garden:; cgroups 200 memory=garden/A cpu=/',
  unowned: 'garden/A: 200; in cpu garden:; cgroups 200 memory=garden/A cpu=/; unowned A',
  'lost in cpu': 'garden/A: 200; in cpu garden:; lists -',
};
/** As the agent's passes leave it: each a time in milliseconds, and a cell. */
function memoryAfter(passes: string): Memory {
  let memory = EMPTY_MEMORY;
  for (const pass of passes.split(', ').filter(Boolean)) {
    const [at = '', ...name] = pass.split(' ');
    const cell = cellOf(CELLS[name.join(' ')] ?? expect.fail(pass));
    ({ memory } = complete(passOf({ ...cell, at: Number(at) }, memory), gracePeriods));
  }
  return memory;
}

/** The agent … | its passes so far | the milliseconds to the next. */
const WAITS = `
waits an interval on a quiet cell | | 15000
makes a pass when the grace period of a difference ends | 0 lost, 20000 lost | 10000
makes one when that of a more severe difference ends, after one was reported | 0 partial, 30000 partial, 31000 unowned, 51000 unowned | 10000
waits a little at the end, because at most 30 s count between two passes | 0 empty, 30000 empty, 60000 empty, 89980 empty | 50
does not make pass after pass while the clock stands still | 0 empty, 30000 empty, 60000 empty, 89980 empty, 89990 unreadable | 15000
waits for another pass that counts if only that can show whether it is a finding | 0 partial, 20000 partial, 30000 lost in cpu | 15000
`;

describe('when the agent makes its next pass', () => {
  for (const [title, passes = '', wait] of rowsOf(WAITS))
    it(`${title}`, () => expect(String(next(memoryAfter(passes)))).to.equal(wait));

  it('waits for a second pass of a difference that has lasted, but is not reported', () => {
    const { containers } = memoryAfter('0 partial, 20000 partial, 30000 lost in cpu');
    const remembered = { reason: 'unknown-to-garden', reported: false, lasted: 30_000 };
    expect(containers.get(asHandle(A))).to.include(remembered);
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
