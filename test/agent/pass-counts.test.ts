import { expect } from 'chai';
import { PassCounts } from '../../src/agent/pass-counts.ts';
import type { Moment } from '../../src/model/snapshot.ts';
import { containers, LOST, report } from '../present/agent-state-builder.ts';

const at = (seconds: number): Moment => ({
  wall: new Date(seconds * 1000).toISOString(),
  monotonicMilliseconds: 5_000_000 + seconds * 1000,
});

const healthy = report(containers(3));
const untracked = report([LOST]);
const unknown = report(containers(3), {
  verdict: 'unknown',
  unknownCause: { kind: 'garden-unavailable', why: 'x' },
});

describe('the passes of an hour', () => {
  it('are counted, with the longest time in which nothing was compared', () => {
    const counts = new PassCounts(at(0));
    counts.passEnded(healthy, at(2));
    counts.passEnded(unknown, at(17));
    counts.passEnded(null, at(20));
    counts.passEnded(healthy, at(32.25));
    expect(counts.endHour(healthy, at(40))).to.deep.include({
      from: at(0).wall,
      to: at(40).wall,
      passes: 4,
      compared: 2,
      failed: 2,
      longestGapSeconds: 30.3,
      containers: 3,
      findings: 0,
    });
  });

  it('have a gap that is still open, and one that started in the hour before', () => {
    const counts = new PassCounts(at(0));
    counts.passEnded(healthy, at(10));
    expect(counts.endHour(healthy, at(3600)).longestGapSeconds).to.equal(3590);
    expect(counts.endHour(healthy, at(3700))).to.include({ passes: 0, longestGapSeconds: 3690 });
    counts.passEnded(healthy, at(3710));
    expect(counts.endHour(healthy, at(3720)).longestGapSeconds).to.equal(3700);
  });

  it('remember a finding that came and went, and one that lasts', () => {
    const counts = new PassCounts(at(0));
    counts.passEnded(untracked, at(10));
    counts.passEnded(healthy, at(20));
    expect(counts.endHour(healthy, at(30)).findings).to.equal(1);
    expect(counts.endHour(untracked, at(40)).findings).to.equal(0);
    expect(counts.endHour(untracked, at(50)).findings).to.equal(1);
  });

  it('count as failed if no pass ever gave a report', () => {
    const counts = new PassCounts(at(0));
    counts.passEnded(null, at(1));
    expect(counts.endHour(null, at(9))).to.include({
      failed: 1,
      containers: 0,
      longestGapSeconds: 9,
    });
  });
});
