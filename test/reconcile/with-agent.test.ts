import { expect } from 'chai';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { ContainerReport, Report } from '../../src/model/report.ts';
import { containerJson, reportJson } from '../../src/present/report-json.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { withAgent, withStoredAgent } from '../../src/reconcile/with-agent.ts';
import { EMPTY, LOST, PENDING, report, UNOWNED } from '../present/agent-state-builder.ts';
import { A, cellWithA, firstOf, G, passOf, passWith } from './cell-builder.ts';

const lastPass = passOf(cellWithA(''), EMPTY_MEMORY);
const asked = (own: Report, agents: Report): Report =>
  withAgent({ report: own, lastPass }, reportJson(agents));
const askedOf = (own: ContainerReport, agents: ContainerReport): ContainerReport =>
  firstOf(asked(report([own]), report([agents])));

const SOON = '2026-03-02T10:21:31.000Z';
/** What a check of two seconds sees. */
const asPending = (one: ContainerReport): ContainerReport => ({
  ...one,
  status: 'pending',
  since: SOON,
});
const outcomeOf = ({ status, since }: ContainerReport): readonly unknown[] => [status, since];

describe('a check that has asked the agent', () => {
  it('calls a pending difference a finding if the agent reports it, and says since when', () => {
    for (const one of [LOST, UNOWNED, EMPTY]) {
      const shown = askedOf(asPending(one), one);
      expect(outcomeOf(shown)).to.deep.equal(['untracked', one.since]);
      expect(containerJson(shown, null).sinceSource).to.equal('agent');
    }
    const { verdict } = asked(report([asPending(LOST)]), report([LOST]));
    expect(verdict).to.equal('untracked');
  });

  it('shows what the agent raised to a finding before what is still pending', () => {
    const last = { ...EMPTY, handle: asHandle('z') };
    const shown = asked(report([PENDING, asPending(last)]), report([PENDING, last]));
    expect(shown.containers.map(({ handle }) => handle)).to.deep.equal(['z', PENDING.handle]);
  });

  it('keeps a pending difference that is pending for the agent, too, with the earlier time', () => {
    const earlier = { ...PENDING, since: '2026-03-02T10:20:00.000Z' };
    expect(outcomeOf(askedOf({ ...PENDING, since: SOON }, earlier))).to.deep.equal([
      'pending',
      earlier.since,
    ]);
  });

  it('takes nothing back that it saw itself', () => {
    const tracked = { ...LOST, status: 'tracked', reason: null, since: null } as const;
    expect(askedOf(LOST, tracked)).to.deep.equal(LOST);
    const later = askedOf({ ...LOST, since: SOON }, { ...LOST, since: '2026-03-02T10:21:32.000Z' });
    expect(outcomeOf(later)).to.deep.equal(['untracked', SOON]);
    expect(containerJson(later, null).sinceSource).to.equal('own');
    expect(askedOf(LOST, asPending(LOST)).status).to.equal('untracked');
    const own = report([LOST]);
    expect(asked(own, report([])).containers).to.deep.equal(own.containers);
  });

  it('makes no finding of what it sees as tracked, or for another reason', () => {
    const tracked = { ...LOST, status: 'tracked', reason: null, since: null } as const;
    expect(askedOf(tracked, LOST)).to.deep.equal(tracked);
    const other = asPending({ ...LOST, reason: 'partial' });
    expect(askedOf(other, LOST)).to.deep.equal(other);
  });

  it('takes no other incarnation of a handle for the same container', () => {
    const [first] = LOST.processes;
    if (first === undefined) throw new Error('no process');
    const started = (seconds: number): ContainerReport => {
      const startedAt = new Date(Date.parse(first.startedAt) + seconds * 1000).toISOString();
      return asPending({ ...LOST, processes: [{ ...first, startedAt }] });
    };
    expect(askedOf(started(1), LOST).status, 'the clock was adjusted').to.equal('untracked');
    expect(askedOf(started(10), LOST).status, 'the pid was used again').to.equal('pending');
    const others = asPending({ ...LOST, processes: [{ ...first, pid: 9 }] });
    expect(askedOf(others, LOST)).to.deep.equal(others);
    expect(askedOf({ ...asPending(EMPTY), pids: 3 }, EMPTY).status, 'it runs').to.equal('pending');
  });

  it('learns nothing of now from an agent of another boot, of the past, or that knows nothing now', () => {
    const own = report([asPending(LOST)]);
    const agents = report([LOST]);
    const statusBy = (change: Partial<Report>): string =>
      firstOf(asked(own, { ...agents, ...change })).status;
    expect(statusBy({ takenAt: '2026-03-02T10:19:00.000Z' })).to.equal('untracked');
    expect(statusBy({ takenAt: '2026-03-02T10:18:00.000Z' })).to.equal('pending');
    expect(statusBy({ takenAt: '2026-03-02T10:30:00.000Z' })).to.equal('pending');
    const cause = { kind: 'pass-failed', why: 'x' } as const;
    expect(statusBy({ verdict: 'unknown', unknownCause: cause })).to.equal('pending');
    const rebooted = { ...agents, cell: { ...agents.cell, bootId: 'another' } };
    expect(asked(own, rebooted)).to.deep.equal(own);
    const unknown = { ...own, verdict: 'unknown', unknownCause: cause } as const;
    expect(firstOf(asked(unknown, agents)).status).to.equal('pending');
  });

  it('says whose a container was, which a check alone cannot know', () => {
    const lost = { ...LOST, app: null };
    expect(askedOf(lost, LOST)).to.deep.include({ app: LOST.app, appSource: 'memory' });
    expect(containerJson(askedOf(lost, LOST), null).appSource).to.equal('memory');
    const byPolicy = { ...LOST, appSource: 'policy-store' } as const;
    expect(askedOf(lost, byPolicy).app).to.equal(null);
    const named = askedOf(byPolicy, LOST);
    expect(containerJson(named, null).appSource).to.equal('memory');
    expect(containerJson(askedOf(LOST, LOST), null).appSource).to.equal('garden');
  });

  it('says how long a finding has lasted, as status does', () => {
    const explanation = { kind: 'unowned', rep: 'older', left: null, milliseconds: 0 } as const;
    const shown = askedOf(asPending({ ...UNOWNED, explanation }), UNOWNED);
    expect(containerSentence(shown)).to.contain(
      'should have removed it within a minute; 41 min have passed.',
    );
  });

  it('says in a replay how long a finding had lasted when the capture was made', () => {
    const explanation = { kind: 'unowned', rep: 'older', left: null, milliseconds: 2000 } as const;
    const replayed = report([asPending({ ...UNOWNED, explanation })]);
    const shown = firstOf(withStoredAgent(replayed, reportJson(report([UNOWNED]))));
    expect(shown.status).to.equal('pending');
    expect(containerSentence(shown)).to.contain(
      'should have removed it within a minute; 41 min have passed.',
    );
  });

  it('counts what a raised container holds', () => {
    const cgroup = asByteString(`${G}/garden/${A}`);
    const numbers = new Map([[cgroup, { 'memory.usage_in_bytes': 4096 }]]);
    const pass = passWith(cellWithA(''), EMPTY_MEMORY, { cgroupNumbers: numbers });
    const raised = { ...UNOWNED, handle: asHandle(A) };
    const { unaccounted } = withAgent(
      { report: report([asPending(raised)]), lastPass: pass },
      reportJson(report([raised])),
    );
    expect(unaccounted).to.deep.equal({ memoryBytes: 4096, pids: 1 });
  });

  it('shows that no rep runs, or policies were missing for minutes, while anything of rep runs', () => {
    const unpoliced = { reason: 'unpoliced', containers: 2, worst: asHandle('h') } as const;
    const warnings = [{ reason: 'no-rep', containers: 19 }, unpoliced] as const;
    const agents = report([LOST], { cell: { ...report([]).cell, warnings } });
    expect(asked(report([LOST]), agents).cell.warnings).to.deep.equal(warnings);
    expect(asked(report([EMPTY]), agents).cell.warnings).to.deep.equal([]);
  });

  it('knows since when an entry has belonged to no container', () => {
    const entry = { kind: 'policy', name: 'gone', since: SOON, isLeftover: false } as const;
    const known = { ...entry, since: '2026-03-02T09:00:00.000Z', isLeftover: true };
    const other = { ...entry, name: 'other' };
    const withEntries = (alone: Report['ledgers']['alone']): Report => {
      const one = report([]);
      return { ...one, ledgers: { ...one.ledgers, alone } };
    };
    expect(asked(withEntries([entry, other]), withEntries([known])).ledgers.alone).to.deep.equal([
      known,
      other,
    ]);
  });
});
