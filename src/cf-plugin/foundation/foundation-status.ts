import { plural } from '../../present/quantities.ts';
import type { Readings } from '../log-cache/ask.ts';
import type { StatusArguments } from '../cf/options.ts';
import { cellsOf, SCRAPE_SECONDS, scrapeInterval } from '../log-cache/cell-samples.ts';
import type { Earlier } from '../remembered/remembered-cells.ts';
import {
  judgedCell,
  rfc3339,
  VERDICT_WORDS,
  type CellStatus,
  type CellVerdict,
  type InstanceStatus,
} from './cell-status.ts';
import {
  aheadNotes,
  firstRunNote,
  forgottenNote,
  gapNotes,
  goneNotes,
  leftOutNotes,
  unnamedNote,
  unreadText,
  unusableNote,
} from './notes.ts';
import { worstFindingFirst, worstFirst } from './order.ts';
import { twoSenders } from './two-senders.ts';
import { forgottenIn, isSelected, rememberedAfter, rosterOf, type KnownCell } from './roster.ts';

/** Everything that the command shows, in its JSON form. */
export type FoundationStatus = ReturnType<typeof foundationStatus>['status'] & {
  /** With --app. */
  readonly app?: readonly InstanceStatus[];
};

export type Question = Readonly<
  Pick<StatusArguments, 'selection' | 'expectedCells' | 'expectedGroups' | 'forget'> & {
    api: string;
  }
>;

/**
 * The status according to Log Cache and to what earlier runs saw, without the names of apps; and the
 * cells that the next run remembers.
 * @throws KnownFailure CELL_NOT_FOUND if --forget names a cell that is not gone
 */
export function foundationStatus(readings: Readings, question: Question, earlier: Earlier) {
  const { api, selection, expectedCells, expectedGroups, forget } = question;
  const roster = rosterOf(readings, earlier.cells);
  const { judged, leftOut, lookedBack } = judgedFoundation(roster, readings, question);
  const lost = judged.filter(({ cell }) => cell.verdict === 'gone').map(({ known }) => known);
  const forgotten = new Set(forget === null ? [] : forgottenIn(lost, forget));
  const remembered = rememberedAfter(roster, earlier.cells, forgotten, readings.now);
  const shown = judged.filter(({ known }) => !forgotten.has(known));
  const stillLost = lost.filter((known) => !forgotten.has(known));
  const cells = shown.map(({ cell }) => cell).toSorted(worstFirst);
  const untracked = shown.flatMap((one) => one.findings).toSorted(worstFindingFirst);
  const drills = untracked.filter(({ drill }) => drill).length;
  const summary = { ...summaryOf(cells), drills };
  const { 'all-tracked': well, untracked: bad, gone, uncovered } = summary.byVerdict;
  const reporting = cells.length - gone - uncovered;
  const areAsExpected = expectedCells !== null && reporting >= expectedCells;
  // Each of these leaves something unknown.
  const gaps = gapNotes(readings, cells, expectedCells);
  if (expectedCells !== null && !areAsExpected) {
    gaps.push(`Only ${reporting} of ${expectedCells} expected cells report.`);
  }
  const groups = new Set(roster.map(({ location }) => location.instanceGroup));
  for (const group of expectedGroups ?? []) {
    if (!groups.has(group)) gaps.push(`No cell is in the expected group ${group}.`);
  }
  const unusable = earlier.unusable === null ? [] : [unusableNote(earlier.unusable)];
  if (!areAsExpected) gaps.push(...unusable);
  // If as many report as there should be, a gone cell without a rep was deleted.
  const deleted = areAsExpected ? stillLost.filter(({ hasRep }) => !hasRep).length : 0;
  const compared = well + bad + deleted;
  const complete = gaps.length === 0 && cells.length > 0 && compared === cells.length;
  const unnamed = cells.reduce((sum, cell) => sum + (cell.untrackedOmitted ?? 0), 0);
  const status = {
    schemaVersion: 1 as const,
    takenAt: rfc3339(readings.now) ?? '',
    ...verdictOf(summary, complete, cells),
    /** False if part of the requested state is unknown, whatever else was found. */
    complete,
    api,
    selection,
    expectedCells,
    expectedGroups,
    /** For so long a lost cell was looked for that no earlier run saw; null: that is unknown. */
    lookedBackSeconds: lookedBack,
    summary,
    cells: selection.untrackedOnly ? cells.filter((cell) => (cell.untracked ?? 0) > 0) : cells,
    untracked,
    notes: [
      ...gaps,
      ...(expectedCells !== null && reporting > expectedCells
        ? [`${reporting} cells report, ${expectedCells} were expected.`]
        : []),
      ...(areAsExpected ? unusable : []),
      ...leftOutNotes(leftOut),
      ...aheadNotes(shown.map(({ known }) => known)),
      ...(unnamed === 0 ? [] : [unnamedNote(unnamed, readings)]),
      ...(earlier.isNone && expectedCells === null && lookedBack !== null
        ? [firstRunNote(lookedBack)]
        : []),
      ...goneNotes(stillLost, remembered),
      ...(forget === null ? [] : [forgottenNote([...forgotten])]),
    ],
  };
  return { status, remembered: remembered.cells };
}

/** The selected cells, each with its findings. */
function judgedFoundation(
  roster: readonly KnownCell[],
  readings: Readings,
  { selection, expectedGroups }: Question,
) {
  const { now, wholeSince } = readings;
  const findings = cellsOf(readings.findings, now);
  // After a failed read nothing more is searched, so that any cell may lack samples.
  const unread = unreadText(readings.errors);
  const intervals = new Map(
    roster
      .filter(({ samples }) => samples.length > 0)
      .map((known) => [known.key, scrapeInterval(known, wholeSince)]),
  );
  const longest = Math.max(SCRAPE_SECONDS, ...intervals.values());
  const lookedBack = readings.lookedBackSeconds(longest);
  const selected = roster.filter(({ location }) => isSelected(location, selection));
  const isLeftOut = ({ location, samples }: KnownCell): boolean =>
    samples.length === 0 && expectedGroups?.includes(location.instanceGroup) === false;
  const judged = selected
    .filter((known) => !isLeftOut(known))
    .map((known) => {
      // Without a heartbeat nothing says whether a finding is still one.
      const found = known.samples.length === 0 ? [] : (findings.get(known.key)?.samples ?? []);
      const interval = intervals.get(known.key) ?? longest;
      const senders = twoSenders(known, { now, since: wholeSince, interval });
      const answer = { now, interval, unread, lookedBack, senders };
      return { known, ...judgedCell(known, found, answer) };
    });
  return {
    judged,
    /** Without rollcall, and not expected to have it. */
    leftOut: selected.filter(isLeftOut).map(({ location }) => location),
    lookedBack: lookedBack === null ? null : Math.round(lookedBack),
  };
}

function summaryOf(cells: readonly CellStatus[]) {
  const total = (count: (cell: CellStatus) => number | null): number =>
    cells.reduce((sum, cell) => sum + (count(cell) ?? 0), 0);
  const having = (verdict: CellVerdict): number =>
    cells.filter((cell) => cell.verdict === verdict).length;
  return {
    cells: cells.length,
    byVerdict: {
      untracked: having('untracked'),
      gone: having('gone'),
      overdue: having('overdue'),
      unknown: having('unknown'),
      uncovered: having('uncovered'),
      'all-tracked': having('all-tracked'),
    },
    listed: total(({ listed }) => listed),
    tracked: total(({ tracked }) => tracked),
    pending: total(({ pending }) => pending),
    untracked: total(({ untracked }) => untracked),
  };
}

/** An untracked instance decides the verdict; without one, missing data makes it unknown. */
function verdictOf(
  summary: ReturnType<typeof summaryOf> & { readonly drills: number },
  complete: boolean,
  cells: readonly CellStatus[],
): { readonly verdict: 'all-tracked' | 'untracked' | 'unknown'; readonly why: string } {
  const { untracked, drills, pending, listed } = summary;
  const parts = Object.entries(VERDICT_WORDS).flatMap(([verdict, words]) => {
    const having = cells.filter((cell) => cell.verdict === verdict).length;
    return having === 0 ? [] : [`${having} ${words}`];
  });
  const all = `${[plural(cells.length, 'cell'), ...parts].join(', ').replace(',', ':')}.`;
  if (untracked > 0) {
    const are = plural(untracked, 'instance is', 'instances are');
    const some = drills === untracked ? ', as a drill' : `, ${drills} of them a drill`;
    const rest = complete ? '' : ' Not everything could be compared.';
    return {
      verdict: 'untracked',
      why: `${all} ${are} untracked${drills === 0 ? '' : some}.${rest}`,
    };
  }
  if (!complete) {
    const why = `${all} Nothing is known to be untracked, but not everything could be compared.`;
    return { verdict: 'unknown', why };
  }
  const are = plural(pending, 'is', 'are');
  const waiting = pending === 0 ? '' : ` ${are} pending (within the grace period).`;
  // A sum that lacks a cell is not the number of containers.
  const none = cells.some((cell) => cell.listed === null)
    ? 'No container is untracked.'
    : `Garden lists ${plural(listed, 'container')}, and none is untracked.`;
  return { verdict: 'all-tracked', why: `${all} ${none}${waiting}` };
}
