import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { Wakeup } from '../../src/agent/wakeup.ts';

const LONG = 1_000_000;
const stateOf = (promise: Promise<unknown>): Promise<'ended' | 'waits'> =>
  Promise.race([promise.then(() => 'ended' as const), sleep(20, 'waits' as const)]);

describe('the waits between passes', () => {
  it('end the one for a change, which no change during a pass misses', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    expect(await wakeup.forChange(LONG)).to.equal(true);
    expect(await wakeup.forChange(1)).to.equal(false);
    const waiting = wakeup.forChange(LONG);
    expect(await stateOf(waiting)).to.equal('waits');
    wakeup.wake();
    expect(await waiting).to.equal(true);
  });

  it('rest after a costly look, unless something is urgent', async () => {
    const wakeup = new Wakeup();
    const resting = wakeup.rest(LONG);
    wakeup.wake();
    expect(await stateOf(resting)).to.equal('waits');
    wakeup.wakeAtOnce();
    await resting;
    expect(await wakeup.forChange(LONG)).to.equal(true);
  });

  it('do not rest for what became urgent before: during the pass, while changes gather, in the wait', async () => {
    const wakeup = new Wakeup();
    wakeup.wakeAtOnce();
    expect(await wakeup.forChange(LONG)).to.equal(true);
    await wakeup.pause(1);
    await wakeup.rest(LONG);
    expect(await stateOf(wakeup.rest(LONG))).to.equal('waits');
    wakeup.close();
  });

  it('gather changes for a moment even then', async () => {
    const wakeup = new Wakeup();
    const gathering = wakeup.pause(LONG);
    wakeup.wakeAtOnce();
    expect(await stateOf(gathering)).to.equal('waits');
    wakeup.close();
    await gathering;
  });

  it('all end for good when they are closed', async () => {
    const wakeup = new Wakeup();
    const waits = [wakeup.forChange(LONG), wakeup.pause(LONG), wakeup.rest(LONG)];
    wakeup.close();
    await Promise.all(waits);
    await Promise.all([wakeup.forChange(LONG), wakeup.pause(LONG), wakeup.rest(LONG)]);
  });
});
