import { plural } from '../../present/quantities.ts';
import { durationText } from '../../terminal/duration-text.ts';
import { FINDINGS, REP_SECONDS, type Readings } from '../log-cache/ask.ts';
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
  CLOCK_SECONDS,
  judgedCell,
  rfc3339,
  VERDICT_WORDS,
  type CellStatus,
  type CellVerdict,
  type InstanceStatus,
} from './cell-status.ts';
import { worstFindingFirst, worstFirst } from './order.ts';

/** Everything that the command shows, in its JSON form. */
export type FoundationStatus = ReturnType<typeof foundationStatus> & {
  /** With --app. */
  readonly app?: readonly InstanceStatus[];
};

export type Question = Readonly<
  Pick<StatusArguments, 'selection' | 'expectedCells' | 'expectedGroups'> & { api: string }
>;

/** If Log Cache goes back less far, a lost cell may be missing. */
const LEAST_HELD_SECONDS = 180;

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

/** The first of the errors, as a predicate; null: there is none. */
const unreadText = ([first]: Readings['errors']): string | null =>
  first === undefined ? null : `Log Cache ${first.error.text}`;

function unnamedNote(count: number, { errors }: Readings): string {
  const unread = unreadText(errors.filter(({ source }) => source.id === FINDINGS.id));
  const are = plural(count, 'untracked instance is', 'untracked instances are');
  const why = unread ?? 'a cell names 20 of them at most, and a new one only with the next scrape';
  return `${are} counted but not named: ${why}. See rollcall status on the cell.`;
}

const goneNote = (seconds: number): string =>
  `A lost cell is shown as gone for ${durationText(seconds)} and then disappears: use --expect-cells N to notice.`;

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

const EVICTED = 'after a restart, or as more envelopes arrive than it holds (max_per_source)';

/** What is missing from the sources (each is on one node of Log Cache) and from the time range. */
function gapNotes(
  { errors, reads, heldSeconds, now, skew, samples }: Readings,
  cells: readonly CellStatus[],
  expectedCells: number | null,
): string[] {
  const { heartbeat, rep } = heldSeconds;
  const error = errors[0]?.error;
  const part = `${errors.length} of ${reads} reads`;
  const ahead = skew ?? 0;
  const clock = `${durationText(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'}`;
  const old = now - samples.reduce((last, { at }) => Math.max(last, at), 0);
  const noRep =
    rep === null
      ? 'Log Cache has no samples from rep (is one of its nodes missing?): a cell without rollcall does not appear. Use --expect-cells N.'
      : `Log Cache goes back only ${durationText(rep)} for rep, ${EVICTED}: a cell without rollcall may be missing here.`;
  const isWhole = error === undefined;
  const heard = cells.filter(({ verdict }) => verdict !== 'uncovered');
  const notes: readonly (string | false)[] = [
    !isWhole && `Partial data: Log Cache ${error.text} for ${part}. Try again.`,
    isWhole &&
      (heartbeat ?? Infinity) < LEAST_HELD_SECONDS &&
      `Log Cache goes back only ${durationText(heartbeat ?? 0)} for the heartbeat, ${EVICTED}: a cell that was lost before is missing here.`,
    isWhole &&
      heard.length > 0 &&
      heard.every(({ listed }) => listed === null) &&
      'Log Cache has the heartbeat and none of the other metrics: is one of its nodes missing?',
    // Without the roster, only the number of cells can show that one is missing.
    isWhole && expectedCells === null && (rep ?? 0) < REP_SECONDS && noRep,
    Math.abs(ahead) > CLOCK_SECONDS &&
      `The clock of Log Cache is ${clock} the API's, so no age is certain: check NTP on the foundation.`,
    samples.length > 0 &&
      old > CLOCK_SECONDS &&
      `The newest sample of all cells is ${durationText(old)} old: nothing reaches Log Cache, or the clock of the API is ahead of the cells'.`,
  ];
  return notes.filter((note) => note !== false);
}

function leftOutNotes(leftOut: readonly CellLocation[]): readonly string[] {
  if (leftOut.length === 0) return [];
  const groups = [...new Set(leftOut.map(({ instanceGroup }) => instanceGroup))].toSorted();
  const cells = plural(leftOut.length, 'cell');
  return [`Without rollcall, and left out by --expect-groups: ${cells} of ${groups.join(', ')}.`];
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
