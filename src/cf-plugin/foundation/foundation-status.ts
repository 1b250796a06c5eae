import { requestErrorText } from '../http/request-error.ts';
import type { Readings } from '../log-cache/ask.ts';
import { EARLIER_SECONDS, LOOK_BACK_SECONDS, QUERY_NAMES } from '../log-cache/queries.ts';
import {
  cellNumbers,
  currentFindings,
  rfc3339,
  untrackedNumbers,
  type CellNumbers,
} from './cell-numbers.ts';
import { judgeCell } from './cell-verdict.ts';
import {
  countInstances,
  currentSamples,
  currentVms,
  reports,
  scrapeIntervals,
  seriesByVm,
  type CellSeries,
} from './series.ts';
import {
  CELL_VERDICTS,
  durationText,
  isSelected,
  VERDICT_WORDS,
  worstFindingFirst,
  worstFirst,
  type CellStatus,
  type CellVerdict,
  type FoundationStatus,
  type Selection,
  type UntrackedInstance,
} from './status.ts';

type Summary = FoundationStatus['summary'];

export interface Question {
  readonly api: string;
  readonly selection: Selection;
  readonly expectedCells: number | null;
}

/** The status from the answers of Log Cache, still without the names of apps. */
export function foundationStatus(readings: Readings, question: Question): FoundationStatus {
  const { selection, expectedCells } = question;
  const { now } = readings;
  const vms = seriesByVm(readings);
  const scrapeInterval = scrapeIntervals(vms);
  const judged = currentVms(vms, scrapeInterval)
    .filter(({ location }) => isSelected(location, selection))
    .map((series) => {
      const every = scrapeInterval(series.location);
      const counted = cellNumbers(currentSamples(series, every), now, every);
      const findings = currentFindings(series, counted);
      const numbers = { ...counted, untracked: atLeast(findings.length, counted.untracked) };
      const verdict = judgeCell(numbers, reports(series, now));
      const cell = {
        ...series.location,
        ...verdict,
        ...numbers,
        ...lastUntracked(numbers, series),
      };
      return { cell, findings };
    });
  const cells = judged.map(({ cell }) => cell).toSorted(worstFirst);
  const untracked = judged.flatMap(({ findings }) => findings).toSorted(worstFindingFirst);
  const summary = summaryOf(cells, untracked);
  const horizon = goneKnownFor(readings);
  const reporting = countInstances(cells.filter(({ verdict }) => verdict !== 'gone'));
  const notes = [
    ...errorNotes(readings),
    ...clockNote(readings),
    ...expectationNotes(reporting, expectedCells),
    ...unnamedNotes(cells, untracked, readings),
    ...retentionNote(horizon),
  ];
  const isShort = expectedCells !== null && reporting < expectedCells;
  const { stale, gone, unknown } = summary.byVerdict;
  const isWhole = readings.failed.length === 0 && readings.clockError === null;
  const complete = isWhole && !isShort && stale + gone + unknown === 0;
  return {
    schemaVersion: 1,
    takenAt: rfc3339(now) ?? '',
    ...verdictOf(summary, complete, cells),
    complete,
    api: question.api,
    selection,
    expectedCells,
    goneKnownForSeconds: horizon,
    summary,
    cells: selection.untrackedOnly ? cells.filter((cell) => (cell.untracked ?? 0) > 0) : cells,
    untracked,
    notes,
  };
}

/** A scrape may arrive between the queries for findings and for their count: named ones count. */
const atLeast = (named: number, counted: number | null): number | null =>
  named === 0 ? counted : Math.max(named, counted ?? 0);

/** Where no current sample has the untracked count, the last known one is shown. */
function lastUntracked(
  { untracked }: CellNumbers,
  series: CellSeries,
): Partial<Pick<CellNumbers, 'untracked' | 'untrackedByReason'>> {
  const last = untrackedNumbers(series);
  return untracked === null && (last.untracked ?? 0) > 0 ? last : {};
}

const goneKnownFor = ({ oldest, now }: Readings): number | null =>
  oldest === null ? null : Math.round(Math.min(EARLIER_SECONDS, Math.max(0, now - oldest)));

function errorNotes({ failed }: Readings): readonly string[] {
  const [first] = failed;
  if (first === undefined) return [];
  const names = failed.map(({ query }) => query).join(', ');
  return [
    `Only a part of the data: Log Cache ${requestErrorText(first.error)} for ${failed.length} of ${QUERY_NAMES.length} queries (${names}). Try again.`,
  ];
}

/** Where no cell reports any more, the newest sample is as old as all others. */
const clockNote = ({ clockError }: Readings): readonly string[] =>
  clockError === null
    ? []
    : [
        `The time of Log Cache is not known: it ${requestErrorText(clockError)}. Ages are counted from the newest sample, so everything may be older than it seems. Try again.`,
      ];

function expectationNotes(reporting: number, expected: number | null): readonly string[] {
  if (expected === null || reporting === expected) return [];
  return reporting < expected
    ? [`Only ${reporting} of ${expected} expected cells report.`]
    : [`${reporting} cells report, ${expected} were expected.`];
}

function unnamedNotes(
  cells: FoundationStatus['cells'],
  named: readonly UntrackedInstance[],
  { failed }: Readings,
): readonly string[] {
  const counted = cells.reduce((sum, { untracked }) => sum + (untracked ?? 0), 0);
  const unnamed = counted - named.length;
  if (unnamed <= 0) return [];
  const why = failed.some(({ query }) => query === 'findings')
    ? 'Log Cache did not answer for them'
    : 'a cell names 20 of them at most, and a new one only with the next scrape';
  return [
    `${unnamed} untracked ${unnamed === 1 ? 'instance is' : 'instances are'} counted and not named: ${why}. See rollcall status on the cell.`,
  ];
}

function summaryOf(cells: readonly CellStatus[], untracked: readonly UntrackedInstance[]): Summary {
  const total = (count: (cell: CellStatus) => number | null): number =>
    cells.reduce((sum, cell) => sum + (count(cell) ?? 0), 0);
  const having = (verdict: CellVerdict): number =>
    total((cell) => Number(cell.verdict === verdict));
  return {
    cells: cells.length,
    byVerdict: {
      untracked: having('untracked'),
      gone: having('gone'),
      stale: having('stale'),
      unknown: having('unknown'),
      'all-tracked': having('all-tracked'),
    },
    listed: total(({ listed }) => listed),
    tracked: total(({ tracked }) => tracked),
    pending: total(({ pending }) => pending),
    untracked: total((cell) => cell.untracked),
    drills: untracked.filter(({ drill }) => drill).length,
  };
}

/** An untracked instance decides the verdict; without one, missing data leaves it unknown. */
function verdictOf(
  summary: Summary,
  complete: boolean,
  cells: readonly CellStatus[],
): Pick<FoundationStatus, 'verdict' | 'why'> {
  const counted = `${cellsText(summary)}.`;
  if (summary.untracked > 0) {
    const one = summary.untracked === 1;
    const drills = summary.drills === 0 ? '' : `, ${drillsText(summary)}`;
    const rest = complete ? '' : ' Not everything could be told.';
    return {
      verdict: 'untracked',
      why: `${counted} ${summary.untracked} ${one ? 'instance is' : 'instances are'} untracked${drills}.${rest}`,
    };
  }
  if (!complete) {
    return {
      verdict: 'unknown',
      why: `${counted} Nothing untracked is known, but not everything could be told.`,
    };
  }
  const pending =
    summary.pending === 0
      ? ''
      : ` ${summary.pending} ${summary.pending === 1 ? 'difference has' : 'differences have'} not lasted yet.`;
  // A sum that lacks a cell is not the number of containers.
  const none = cells.some(({ listed }) => listed === null)
    ? 'No container is untracked.'
    : `Garden lists ${summary.listed} ${summary.listed === 1 ? 'container' : 'containers'}, and none is untracked.`;
  return { verdict: 'all-tracked', why: `${counted} ${none}${pending}` };
}

const drillsText = ({ untracked, drills }: Summary): string =>
  drills === untracked ? 'as a drill' : `${drills} of them as a drill`;

function cellsText({ cells, byVerdict }: Summary): string {
  const parts = CELL_VERDICTS.flatMap((verdict) =>
    byVerdict[verdict] === 0 ? [] : [`${byVerdict[verdict]} ${VERDICT_WORDS[verdict]}`],
  );
  return `${cells} ${cells === 1 ? 'cell' : 'cells'}: ${parts.join(', ')}`;
}

/** How far back a lost cell can be known. */
function retentionNote(seconds: number | null): readonly string[] {
  if (seconds === null) {
    return [
      'Log Cache did not say how far back it goes: a lost cell may be missing here. --expect-cells N tells.',
    ];
  }
  const back = durationText(seconds);
  return seconds <= LOOK_BACK_SECONDS
    ? [
        `Log Cache goes back only ${back} for the cells: one that was lost earlier is missing here, and not called gone. --expect-cells N tells.`,
      ]
    : [
        `A lost cell is known as gone for ${back}, after that it is missing: --expect-cells N tells.`,
      ];
}
