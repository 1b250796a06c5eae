import { expect } from 'chai';
import { firstState, next, type KnownState, type StateChange } from '../../src/agent/state.ts';
import type { Report } from '../../src/model/report.ts';
import { containers, report, state } from '../present/agent-state-builder.ts';

const FIXED = {
  version: '1',
  startedAt: 'then',
  intervalSeconds: 15,
  runbookUrl: null,
};
const DRILL = { handle: 'drill-1', since: '2026-03-02T10:21:00.000Z', until: 'later' };
const UNKNOWN = {
  verdict: 'unknown',
  unknownCause: { kind: 'pass-failed', why: 'no /proc' },
} as const;

const after = (...changes: readonly StateChange[]): KnownState =>
  changes.reduce(next, firstState(FIXED));

const ended = (ofPass: Report, mountsChanged = 0): StateChange => ({
  kind: 'pass-ended',
  report: ofPass,
  mountsChanged,
  seconds: 1000,
});
const TRACKED = report(containers(3));
const at = (time: string, change: Partial<Report> = {}): StateChange =>
  ended({ ...TRACKED, takenAt: `2026-03-02T${time}.000Z`, ...change });

describe("the agent's state", () => {
  it('counts passes and changed mounts', () => {
    const { reconciles, mountsChanged, lastReconcileSeconds } = after(
      { kind: 'pass-failed', why: 'no files left' },
      ended(TRACKED, 2),
      ended({ ...TRACKED, ...UNKNOWN }, 1),
    );
    expect(reconciles).to.deep.equal({ ok: 1, failed: 2 });
    expect([mountsChanged, lastReconcileSeconds]).to.deep.equal([3, 1000]);
  });

  it('says why there is no report until a pass has ended', () => {
    const failed = after({ kind: 'pass-failed', why: 'no files left' });
    expect(failed).to.include({ report: null, passFailed: 'no files left' });
    expect(failed.lastReconcileSeconds).to.equal(0);
    expect(next(failed, ended(TRACKED))).to.deep.include({ report: TRACKED, passFailed: null });
  });

  it('adds a drill to every report until the drill ends', () => {
    const begun: StateChange = { kind: 'drill', drill: DRILL };
    const drilled = after(begun, ended(TRACKED), ended(TRACKED));
    expect(drilled.report?.containers[0]).to.include({ handle: DRILL.handle, drill: true });
    expect(drilled.lastReport).to.equal(TRACKED);
    expect(next(drilled, { kind: 'drill', drill: null }).report).to.equal(TRACKED);
    expect(after(begun).report).to.equal(null);
  });

  it('keeps the newest 1,000 events, newest first', () => {
    const [event] = state().events;
    if (event === undefined) throw new Error('no event');
    const changes = Array.from({ length: 1001 }, (_, n): StateChange => ({
      kind: 'event',
      event: { ...event, sentence: String(n) },
    }));
    const { events } = after(...changes);
    expect(events).to.have.length(1000);
    expect([events[0]?.sentence, events.at(-1)?.sentence]).to.deep.equal(['1000', '1']);
  });

  it('knows when the cell was last compared, whatever follows', () => {
    expect(after(at('10:00:00', UNKNOWN)).lastComparedAt).to.equal(null);
    const { lastComparedAt } = after(
      at('10:00:00'),
      at('10:00:15', UNKNOWN),
      at('10:00:30', UNKNOWN),
    );
    expect(lastComparedAt).to.match(/T10:00:00/);
  });
});
