import { expect } from 'chai';
import {
  MAX_ACKNOWLEDGEMENTS,
  type RememberedAcknowledgement,
  type StandingAcknowledgement,
} from '../../src/model/acknowledgement.ts';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Report } from '../../src/model/report.ts';
import {
  acknowledge,
  acknowledgementTransitions,
  withAcknowledgements,
  withdraw,
} from '../../src/reconcile/acknowledge.ts';
import { withDrill } from '../../src/reconcile/container-report.ts';
import { readAgain } from '../parse/memory-again.ts';
import { rowsOf } from '../rows.ts';
import { G, reportAfter, type CellText } from './cell-builder.ts';

const H = asHandle('h');
const UNTIL = '2027-02-01T00:00:00.000Z';
const STANDING: StandingAcknowledgement = { handle: 'h', until: UNTIL, reason: 'known' };
/** `1.8e12` in the cells: 2027-01-15. */
const DAYS = 86_400_000;

/** `h` runs, and Garden does not list it. */
const lost = (change: Partial<CellText> = {}): CellText => ({
  trees: { memory: `${G}: 100\n${G}/garden/h: 300` },
  listed: [],
  processes: [{ pid: 300, comm: 'app' }],
  ...change,
});
/** Another container with the same handle. */
const again = (at: number): CellText =>
  lost({
    at,
    trees: { memory: `${G}: 100\n${G}/garden/good/h: 300` },
    processes: [{ pid: 300, comm: 'app', startTicks: 2000 }],
  });
/** All that is left of it is garden-init: a warning. */
const almostGone = (at: number): CellText =>
  lost({
    at,
    processes: [
      { pid: 300, comm: 'garden-init', command: '/tmp/garden-init', namespacePids: [300, 1] },
    ],
  });
const tracked = (at: number): CellText => lost({ at, listed: ['h'] });
const gone = (at: number): CellText => ({ trees: { memory: `${G}: 100` }, listed: [], at });

/** Passes over these cells, as the agent makes them; what was reported, and the last report. */
function passes(
  cells: readonly CellText[],
  standing: readonly StandingAcknowledgement[],
  start: Memory = EMPTY_MEMORY,
): { report: Report; memory: Memory; reported: string[] } {
  let memory = start;
  let last: Report | null = null;
  const reported: string[] = [];
  for (const cell of cells) {
    const before = memory.acknowledgements;
    const passed = withAcknowledgements(reportAfter([cell], 0, memory), before, standing);
    for (const one of acknowledgementTransitions(before, passed.memory, passed.report.takenAt)) {
      if (one.kind === 'acknowledged')
        reported.push(`acknowledged ${one.acknowledgement.by ?? '-'}`);
      if (one.kind === 'unacknowledged') reported.push(one.end);
    }
    ({ memory, report: last } = passed);
  }
  if (last === null) throw new Error('no cell');
  return { report: last, memory, reported };
}

/** A memory in which somebody has acknowledged the finding `h`. */
function acknowledgedByHand(cell = lost()): Memory {
  const { memory } = passes([cell], []);
  const container = memory.containers.get(H);
  if (container === undefined || container.reason === null || container.severity === null) {
    throw new Error('no finding');
  }
  const one: RememberedAcknowledgement = {
    until: UNTIL,
    reason: 'known',
    by: 'jane',
    finding: { reason: container.reason, severity: container.severity },
    firstSeen: container.firstSeen,
    processes: null,
    isOver: false,
    standingIsOver: false,
  };
  return { ...memory, acknowledgements: new Map([[H, one]]) };
}

/** The verdict, and the finding `h` with who acknowledged it; `-` by the configuration. */
function shown({ verdict, containers }: Report): string {
  const one = containers.find(({ handle }) => handle === H);
  const by = one?.acknowledged ? ` by ${one.acknowledged.by ?? '-'}` : '';
  return `${verdict}, ${one?.status ?? '-'}${by}`;
}

const STANDINGS: Readonly<Record<string, StandingAcknowledgement>> = {
  day: { ...STANDING, until: '2027-01-16T00:00:00Z' },
  month: STANDING,
  year: { ...STANDING, until: '2027-12-01T00:00:00Z' },
};
const CELLS: Readonly<Record<string, (at: number) => CellText>> = {
  lost: (at) => lost({ at }),
  booted: (at) => lost({ at, bootId: 'boot-2' }),
  away: (at) => lost({ at, listed: null }),
  again,
  almostGone,
  tracked,
  gone,
};

/** A test of each row: what holds | which acknowledgements | `CELL TIME` | what is reported | what the last pass shows. */
function expectReported(table: string): void {
  for (const [title = '', given = '', cells = '', expected = '', last = ''] of rowsOf(table))
    it(title, () => {
      const names = given.split(' ');
      const start = names.includes('hand') ? acknowledgedByHand() : EMPTY_MEMORY;
      const looks = cells.split(', ').flatMap((text) => {
        const [name = '', time = ''] = text.split(' ');
        const at = Number.parseInt(time, 10) * (time.endsWith('d') ? DAYS : 1);
        return CELLS[name]?.(at) ?? [];
      });
      const standing = names.flatMap((name) => STANDINGS[name] ?? []);
      const { report, reported } = passes(looks, standing, start);
      expect([reported.join(', '), shown(report)]).to.deep.equal([expected, last]);
    });
}

describe('an acknowledgement', () => {
  expectReported(`
removes a finding from the verdict without another report | hand | lost 1, lost 2 | | all-tracked, untracked by jane
ends with another severity, a better one too, and is not in force again with the first | hand | almostGone 1, lost 2 | changed | untracked, untracked
ends with its finding, which recovers | hand | tracked 1 | recovered | all-tracked, tracked
ends with its finding, which is gone | hand | gone 1 | gone | all-tracked, -
does not pass to another incarnation of the handle | hand | again 1 | gone | untracked, untracked
does not outlive a reboot | hand | booted 1 | gone | untracked, untracked
is in force also while nothing can be compared | hand | away 1 | | unknown, untracked by jane
ends also while nothing can be compared | hand | away 40d | expired | unknown, untracked
`);

  it('leaves other findings unchanged', () => {
    const trees = { memory: `${G}: 100\n${G}/garden/h: 300\n${G}/garden/other: 400` };
    const { report } = passes([lost({ at: 1, trees })], [], acknowledgedByHand());
    expect(report.verdict).to.equal('untracked');
    expect(report.containers.map(({ handle }) => handle)).to.deep.equal(['other', 'h']);
  });

  it('ends when its time has passed', () => {
    const left = Date.parse(UNTIL) - 1.8e12;
    const just = passes([lost({ at: left - 1 })], [], acknowledgedByHand());
    expect(shown(just.report)).to.equal('all-tracked, untracked by jane');
    const { report, memory, reported } = passes([lost({ at: left })], [], just.memory);
    expect(shown(report)).to.equal('untracked, untracked');
    expect(reported).to.deep.equal(['expired']);
    expect(memory.acknowledgements.size).to.equal(0);
  });

  it('ends when the clock, which was far ahead when it was given, is set right', () => {
    const memory = acknowledgedByHand();
    const until = new Date(1.8e12 + 90 * DAYS).toISOString();
    const ofMost = [...memory.acknowledgements].map(([h, one]) => [h, { ...one, until }] as const);
    const most = { ...memory, acknowledgements: new Map(ofMost) };
    expect(passes([lost({ at: 1 })], [], most).reported).to.deep.equal([]);
    const { reported, report } = passes([lost({ at: -DAYS })], [], most);
    expect(reported).to.deep.equal(['expired']);
    expect(report.verdict).to.equal('untracked');
  });

  it('ends with another reason', () => {
    const before = acknowledgedByHand(lost({ listed: ['h'], properties: { h: null } }));
    expect(before.containers.get(H)?.reason).to.equal('unowned');
    const { reported, report } = passes([lost({ at: 1 })], [], before);
    expect(reported).to.deep.equal(['changed']);
    expect(report.verdict).to.equal('untracked');
  });

  it('returns with an older copy of the memory file, and ends all the same with its finding', () => {
    const start = readAgain(acknowledgedByHand());
    expect(passes([lost({ at: 1000 })], [], start).report.verdict).to.equal('all-tracked');
    const later = passes([tracked(1000), lost({ at: 2000 })], [], start);
    expect(later.report.verdict).to.equal('untracked');
    expect(later.reported).to.deep.equal(['recovered']);
  });

  it('of an escape covers what descends from the processes it was given for, and no others', () => {
    const { report, memory } = passes([lost()], []);
    const [container, one] = [
      memory.containers.get(H),
      acknowledgedByHand().acknowledgements.get(H),
    ];
    if (container === undefined || one === undefined) throw new Error('no finding');
    const finding = { reason: 'escaped', severity: 'critical' } as const;
    const openReport = { reason: finding.reason, since: UNTIL };
    const process = (pid: number) => ({ pid, startTicks: 1 });
    /** The pids that are covered after a pass that saw this process outside; none: it has ended. */
    const covered = (given: number, pid: number, ...ancestors: readonly number[]) => {
      const seen = { since: UNTIL, lasted: 0, seenAt: 0, isEntering: false };
      const escaped = [{ ...process(pid), ...seen, ancestors: ancestors.map(process) }];
      const containers = new Map([[H, { ...container, ...finding, openReport, escaped }]]);
      const before = new Map([[H, { ...one, finding, processes: [process(given)] }]]);
      const after = withAcknowledgements({ report, memory: { ...memory, containers } }, before, []);
      return after.memory.acknowledgements.get(H)?.processes?.map((each) => each.pid);
    };
    expect(covered(300, 300)).to.deep.equal([300]);
    expect(covered(300, 302, 301, 300)).to.deep.equal([302]);
    expect(covered(300, 301, 299)).to.equal(undefined);
  });

  it('never applies to a drill', () => {
    const drill = { handle: 'h', since: UNTIL, until: UNTIL };
    const passed = passes([tracked(1)], []);
    const report = withDrill({ ...passed.report, containers: [] }, drill);
    const after = withAcknowledgements({ ...passed, report }, new Map(), [STANDING]);
    expect(after.report.verdict).to.equal('untracked');
    expect(after.report.containers.map(({ acknowledged }) => acknowledged)).to.deep.equal([null]);
  });
});

describe('a standing acknowledgement', () => {
  expectReported(`
begins with the finding, once, and again with the next incarnation | month | lost 0, lost 1, again 2 | acknowledged -, gone, acknowledged - | all-tracked, untracked by -
does not begin again for a changed finding | month | lost 0, almostGone 1, lost 2 | acknowledged -, changed | untracked, untracked
begins again once the changed finding has ended | month | lost 0, almostGone 1, lost 2, tracked 3, lost 4 | acknowledged -, changed, acknowledged - | all-tracked, untracked by -
takes over from one by hand that expires | hand year | lost 40d | acknowledged - | all-tracked, untracked by -
does not begin for a finding that changed when another standing one ends | day year | almostGone 0, lost 1, lost 2d | acknowledged -, changed | untracked, untracked
does not begin where that ends in the pass in which the finding changes | day year | almostGone 0, lost 2d | acknowledged -, changed | untracked, untracked
goes on with the same finding when another standing one ends | day year | lost 0, lost 2d | acknowledged - | all-tracked, untracked by -
`);

  it('is of an app, too, and not of another one', () => {
    const app = { id: 'a' } as never;
    const of = (id: string): StandingAcknowledgement => ({ appId: id, until: UNTIL, reason: 'x' });
    const { memory, ...first } = passes([lost()], []);
    const report = {
      ...first.report,
      containers: first.report.containers.map((one) => ({ ...one, app })),
    };
    const verdictWith = (id: string): string =>
      withAcknowledgements({ report, memory }, new Map(), [of(id)]).report.verdict;
    expect(verdictWith('a')).to.equal('all-tracked');
    expect(verdictWith('b')).to.equal('untracked');
  });

  it('follows the configuration: another time, none any more, one that is past', () => {
    const { memory } = passes([lost()], [STANDING]);
    const later = { ...STANDING, until: '2027-03-01T00:00:00Z', reason: 'still known' };
    const longer = passes([lost({ at: 1 })], [later], memory);
    expect(longer.reported).to.deep.equal([]);
    expect(longer.report.containers[0]?.acknowledged).to.include({ reason: 'still known' });
    expect(passes([lost({ at: 1 })], [], memory).reported).to.deep.equal(['withdrawn']);
    const past = { ...STANDING, until: '2026-01-01T00:00:00Z' };
    expect(passes([lost()], [past]).reported).to.deep.equal([]);
  });

  it('does not take over a finding that changed and was acknowledged by hand', () => {
    const later = { ...STANDING, until: '2027-12-01T00:00:00Z' };
    const changed = passes([almostGone(0), lost({ at: 1 })], [later]);
    expect(changed.reported).to.deep.equal(['acknowledged -', 'changed']);
    const asked = { handle: 'h', milliseconds: DAYS, reason: 'for today', by: 'jane' };
    const now = new Date(1.8e12 + 2).toISOString();
    const byHand = acknowledge(asked, changed, now);
    if (!byHand.ok) throw new Error(byHand.why);
    const { acknowledgements } = byHand;
    const memory = { ...changed.memory, acknowledgements };
    const during = passes([lost({ at: 3 })], [later], memory);
    expect(shown(during.report)).to.equal('all-tracked, untracked by jane');
    const expired = passes([lost({ at: 2 * DAYS })], [later], during.memory);
    expect(expired.reported).to.deep.equal(['expired']);
    expect(expired.report.verdict).to.equal('untracked');
    const undone = withdraw('h', acknowledgements);
    if (!undone.ok) throw new Error(undone.why);
    const after = { ...memory, acknowledgements: undone.acknowledgements };
    expect(passes([lost({ at: 3 })], [later], after).report.verdict).to.equal('untracked');
    expect(withdraw('h', undone.acknowledgements).ok).to.equal(false);
  });

  it('counts again beyond what is kept of a cell', () => {
    const many = Array.from({ length: MAX_ACKNOWLEDGEMENTS + 1 }, (_, n) => `h${n}`);
    const tree = many.map((handle, n) => `${G}/garden/${handle}: ${n + 300}`).join('\n');
    const standing = many.map((handle) => ({ ...STANDING, handle }));
    const { report } = passes([{ trees: { memory: `${G}: 100\n${tree}` }, listed: [] }], standing);
    const open = report.containers.filter(({ acknowledged }) => acknowledged === null);
    expect(open).to.have.length(1);
    expect(report.verdict).to.equal('untracked');
  });
});
