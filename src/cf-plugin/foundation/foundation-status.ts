import { requestErrorText } from '../http/request-error-text.ts';
import type { Readings } from '../log-cache/ask.ts';
import { EARLIER_SECONDS, QUERY_NAMES } from '../log-cache/queries.ts';
import { cellNumbers, timeText, untrackedNumbers, type CellNumbers } from './cell-numbers.ts';
import { judgeCell } from './cell-verdict.ts';
import { currentSamples } from './current-samples.ts';
import { currentFindings } from './findings.ts';
import { isSelected, worstFirst, worstFindingFirst } from './order.ts';
import { scrapeIntervals } from './scrape-interval.ts';
import { countInstances, currentVms, reports, seriesByVm, type CellSeries } from './series.ts';
import type { FoundationStatus, Selection, UntrackedInstance } from './status.ts';
import { retentionNote, summaryOf, verdictOf } from './summary.ts';

export interface Question {
  readonly api: string;
  readonly selection: Selection;
  readonly expectedCells: number | null;
}

/** What Log Cache said, made into one answer. Names of apps are not in it yet. */
export function foundationStatus(readings: Readings, question: Question): FoundationStatus {
  const { selection, expectedCells } = question;
  const { now } = readings;
  const vms = seriesByVm(readings);
  const scrapeInterval = scrapeIntervals(vms);
  const judged = currentVms(vms, scrapeInterval)
    .filter(({ place }) => isSelected(place, selection))
    .map((series) => {
      const every = scrapeInterval(series.place);
      const counted = cellNumbers(currentSamples(series, every), now, every);
      const findings = currentFindings(series, counted);
      const numbers = { ...counted, untracked: atLeast(findings.length, counted.untracked) };
      const verdict = judgeCell(numbers, reports(series, now));
      const cell = { ...series.place, ...verdict, ...numbers, ...lastUntracked(numbers, series) };
      return { cell, findings };
    });
  const cells = judged.map(({ cell }) => cell).toSorted(worstFirst);
  const untracked = judged.flatMap(({ findings }) => findings).toSorted(worstFindingFirst);
  const summary = summaryOf(cells, untracked);
  const horizon = goneKnownFor(readings);
  const reporting = countInstances(cells.filter(({ verdict }) => verdict !== 'gone'));
  const notes = [
    ...failureNotes(readings),
    ...clockNote(readings),
    ...expectationNotes(reporting, expectedCells),
    ...unnamedNotes(cells, untracked, readings),
    ...retentionNote(horizon),
  ];
  const isShort = expectedCells !== null && reporting < expectedCells;
  const { stale, gone, unknown } = summary.byVerdict;
  const isWhole = readings.failed.length === 0 && readings.clockTrouble === null;
  const complete = isWhole && !isShort && stale + gone + unknown === 0;
  return {
    schemaVersion: 1,
    takenAt: timeText(now) ?? '',
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

/** A scrape may arrive between the queries for the findings and for their number: what has a name is counted. */
const atLeast = (named: number, counted: number | null): number | null =>
  named === 0 ? counted : Math.max(named, counted ?? 0);

/** Where nothing current tells whether something is untracked, what was untracked last is shown: a finding must not hide. */
function lastUntracked(
  { untracked }: CellNumbers,
  series: CellSeries,
): Partial<Pick<CellNumbers, 'untracked' | 'untrackedByReason'>> {
  const last = untrackedNumbers(series);
  return untracked === null && (last.untracked ?? 0) > 0 ? last : {};
}

const goneKnownFor = ({ oldest, now }: Readings): number | null =>
  oldest === null ? null : Math.round(Math.min(EARLIER_SECONDS, Math.max(0, now - oldest)));

function failureNotes({ failed }: Readings): readonly string[] {
  const [first] = failed;
  if (first === undefined) return [];
  const names = failed.map(({ query }) => query).join(', ');
  return [
    `Only a part of the data: Log Cache ${requestErrorText(first.trouble)} for ${failed.length} of ${QUERY_NAMES.length} queries (${names}). Try again.`,
  ];
}

/** Where nothing reports any more the newest sample is as old as all others. */
const clockNote = ({ clockTrouble }: Readings): readonly string[] =>
  clockTrouble === null
    ? []
    : [
        `The time of Log Cache is not known: it ${requestErrorText(clockTrouble)}. Ages are counted from the newest sample, so everything may be older than it seems. Try again.`,
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
