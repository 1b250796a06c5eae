import { plural } from '../../present/quantities.ts';
import type { Readings } from '../log-cache/ask.ts';
import type { StatusArguments } from '../cf/options.ts';
import {
  cellsOf,
  instanceKey,
  locationOf,
  scrapeInterval,
  type CellLocation,
  type CellSamples,
} from '../log-cache/cell-samples.ts';
import {
  judgedCell,
  rfc3339,
  VERDICT_WORDS,
  type CellStatus,
  type CellVerdict,
  type InstanceStatus,
} from './cell-status.ts';
import { gapNotes, goneNote, leftOutNotes, unnamedNote, unreadText } from './notes.ts';
import { worstFindingFirst, worstFirst } from './order.ts';

/** Everything that the command shows, in its JSON form. */
export type FoundationStatus = ReturnType<typeof foundationStatus> & {
  /** With --app. */
  readonly app?: readonly InstanceStatus[];
};

export type Question = Readonly<
  Pick<StatusArguments, 'selection' | 'expectedCells' | 'expectedGroups'> & { api: string }
>;

/** The status according to Log Cache, without the names of apps. */
export function foundationStatus(readings: Readings, question: Question) {
  const { api, selection, expectedCells, expectedGroups } = question;
  const { cells, untracked, leftOut, groups, lookedBack } = judgedFoundation(readings, question);
  const drills = untracked.filter(({ drill }) => drill).length;
  const summary = { ...summaryOf(cells), drills };
  const { 'all-tracked': well, untracked: bad, gone, uncovered } = summary.byVerdict;
  const reporting = cells.length - gone - uncovered;
  // Each of these leaves something unknown.
  const gaps = gapNotes(readings, cells, expectedCells);
  if (expectedCells !== null && reporting < expectedCells) {
    gaps.push(`Only ${reporting} of ${expectedCells} expected cells report.`);
  }
  for (const group of expectedGroups ?? []) {
    if (!groups.has(group)) gaps.push(`No cell is in the expected group ${group}.`);
  }
  const complete = gaps.length === 0 && well + bad === cells.length;
  const unnamed = cells.reduce((sum, cell) => sum + (cell.untrackedOmitted ?? 0), 0);
  return {
    schemaVersion: 1 as const,
    takenAt: rfc3339(readings.now) ?? '',
    ...verdictOf(summary, complete, cells),
    /** False if part of the requested state is unknown, whatever else was found. */
    complete,
    api,
    selection,
    expectedCells,
    expectedGroups,
    /** A cell that was lost longer before `takenAt` is missing; null: the retention is unknown. */
    goneKnownForSeconds: lookedBack,
    summary,
    cells: selection.untrackedOnly ? cells.filter((cell) => (cell.untracked ?? 0) > 0) : cells,
    untracked,
    notes: [
      ...gaps,
      ...(expectedCells !== null && reporting > expectedCells
        ? [`${reporting} cells report, ${expectedCells} were expected.`]
        : []),
      ...leftOutNotes(leftOut),
      ...(unnamed === 0 ? [] : [unnamedNote(unnamed, readings)]),
      ...(lookedBack === null ? [] : [goneNote(lookedBack)]),
    ],
  };
}

/** The selected cells and their findings, the worst first. */
function judgedFoundation(readings: Readings, { selection, expectedGroups }: Question) {
  const { now, wholeSince } = readings;
  const reps = repsOf(readings);
  const heard = cellsOf(readings.samples);
  const findings = cellsOf(readings.findings);
  // After a failed read nothing more is searched, so that any cell may lack samples.
  const unread = unreadText(readings.errors);
  const isLeftOut = ({ location, samples }: CellSamples): boolean =>
    samples.length === 0 && expectedGroups?.includes(location.instanceGroup) === false;
  const silent = [...reps]
    .filter(([key]) => !heard.has(key))
    .map(([, location]) => ({ location, samples: [], newest: 0 }));
  const cells = [...heard.values(), ...silent];
  const selected = cells
    .filter(({ location }) => isSelected(location, selection))
    .map((cell) => ({ ...cell, interval: scrapeInterval(cell, wholeSince) }));
  const lookedBack = readings.lookedBackSeconds(Math.max(...selected.map((one) => one.interval)));
  const judged = selected
    .filter((cell) => !isLeftOut(cell))
    .map((cell) => {
      const key = instanceKey(cell.location);
      // Without a heartbeat nothing says whether a finding is still one.
      const found = cell.samples.length === 0 ? [] : (findings.get(key)?.samples ?? []);
      return judgedCell(cell, found, {
        now,
        interval: cell.interval,
        hasRep: reps.has(key),
        unread,
        lookedBack,
      });
    });
  return {
    cells: judged.map(({ cell }) => cell).toSorted(worstFirst),
    untracked: judged.flatMap((one) => one.findings).toSorted(worstFindingFirst),
    /** Without rollcall, and not expected to have it. */
    leftOut: selected.filter(isLeftOut).map(({ location }) => location),
    /** All instance groups with cells, whatever is selected. */
    groups: new Set(cells.map(({ location }) => location.instanceGroup)),
    lookedBack: lookedBack === null ? null : Math.round(lookedBack),
  };
}

/** `--cell` takes an IP address, an index or its beginning, or BOSH's name, `diego_cell/INDEX`. */
export function isSelected(
  { deployment, instanceGroup, index, ip }: CellLocation,
  { cell, deployment: only }: Omit<Question['selection'], 'untrackedOnly'>,
): boolean {
  if (only !== null && deployment !== only) return false;
  if (cell === null || ip === cell) return true;
  return (cell.includes('/') ? `${instanceGroup}/${index}` : index).startsWith(cell);
}

/** Windows cells cannot have rollcall, but send the same metric. */
const repsOf = ({ reps }: Readings): ReadonlyMap<string, CellLocation> =>
  new Map(
    reps
      .filter(({ tags }) => !Object.values(tags).includes('rep_windows'))
      .map((one) => [instanceKey(locationOf(one)), locationOf(one)]),
  );

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
      stale: having('stale'),
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
  const all = `${plural(cells.length, 'cell')}: ${parts.join(', ')}.`;
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
