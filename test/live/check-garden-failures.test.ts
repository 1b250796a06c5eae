import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import type { Fault } from '../../src/demo-cell/garden/state.ts';
import { needsCell } from './cells.ts';
import { check, statuses } from './rollcall.ts';

const A = '8a37cb6f-385b-4dd3-732c-34d6';
const PRIVILEGED = 'c0ffee00-1234-4567-89ab-cdef';
const BOTH_TRACKED = { [A]: 'tracked', [PRIVILEGED]: 'tracked' };

/** Shorter than the default, so that an answer in its words shows that it counted; only where no answer in time is expected. */
const TIMEOUT = ['--garden-timeout', '300ms'];
const TIMED_OUT = /Garden did not answer within 0\.3 s/;

const of500 = JSON.stringify({ Type: '', Message: 'connection error: refused', Handle: '' });

/** Ways in which the list fails, with what is said of it; test/probe has all. */
const LIST_FAULTS: readonly (readonly [name: string, fault: Fault, why: RegExp])[] = [
  ['is never answered', { kind: 'hang' }, TIMED_OUT],
  ['is a 500', { kind: 'status', status: 500, body: of500 }, /500 and "connection error: refused"/],
  ['is null', { kind: 'status', status: 200, body: '{"Handles":null}' }, /Handles is not a list/],
  ['ends in the middle', { kind: 'half-body' }, /ended in the middle/],
];

describe('check while Garden fails', function () {
  /** Shared by the tests that leave Garden as they found it. */
  let cell: Cell;

  before(async function () {
    needsCell(this);
    cell = await startCell({ layout: 'throttled' });
    await cell.create({ handle: A, kind: 'app', peas: ['envoy'] });
    await cell.create({ handle: PRIVILEGED, kind: 'app', privileged: true });
  });

  after(() => cell?.stop());

  it('says of every failure of the list that it could not tell and why, and is well again afterwards', async () => {
    for (const [name, fault, why] of LIST_FAULTS) {
      await cell.garden.setFault(fault, 'list');
      const timeout = why === TIMED_OUT ? TIMEOUT : [];
      const { report, exitCode, stderr } = await check(cell, timeout);
      expect([exitCode, stderr], name).to.deep.equal([2, '']);
      expect(report.verdict, name).to.equal('unknown');
      expect(report.why, name)
        .to.match(/^Unknown: Garden's list cannot be read\./)
        .and.to.match(why);
      expect(report.garden.state, name).to.equal('unavailable');
      expect(report.containers, name).to.deep.equal([]);
      expect(report.seen, 'what the kernel shows is no secret').to.equal(2);
    }
    await cell.garden.setFault({ kind: 'slow', milliseconds: 400 });
    expect((await check(cell)).exitCode, 'late, and in time').to.equal(0);
    await cell.garden.setFault({ kind: 'none' });
    const { report, exitCode } = await check(cell);
    expect(exitCode).to.equal(0);
    expect(statuses(report)).to.deep.equal(BOTH_TRACKED);
  });

  it('calls nothing lost when no properties can be read, and says that it could not tell', async () => {
    const faults: readonly (readonly [Fault, RegExp])[] = [
      [{ kind: 'hang' }, /Garden did not answer within 3 s/],
      [{ kind: 'status', status: 500, body: of500 }, /connection error: refused/],
    ];
    for (const [fault, why] of faults) {
      await cell.garden.setFault(fault, 'properties');
      // The list is answered, so the time must be enough for an answer.
      const timeout = fault.kind === 'hang' ? ['--garden-timeout', '3s'] : [];
      const { report, exitCode } = await check(cell, [...timeout, '--settle', '100ms']);
      expect(exitCode, fault.kind).to.equal(2);
      expect(report.why, fault.kind)
        .to.match(/^Unknown: Garden returns its list, but not the properties of its containers\. /)
        .and.match(why);
    }
    await cell.garden.setFault({ kind: 'none' });
    expect(statuses((await check(cell)).report)).to.deep.equal(BOTH_TRACKED);
  });

  it('says that nothing listens while gdn is down, and finds all again when it is up', async () => {
    await cell.garden.stop();
    const down = await check(cell);
    expect([down.exitCode, down.stderr]).to.deep.equal([2, '']);
    expect(down.report.why).to.match(/Nothing listens on Garden's socket .*start the garden job/);
    expect(down.report.containers).to.deep.equal([]);
    await cell.garden.start();
    const up = await check(cell);
    expect(up.exitCode).to.equal(0);
    expect(statuses(up.report)).to.deep.equal(BOTH_TRACKED);
  });
});
