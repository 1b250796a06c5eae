import type {
  GapCause,
  HistoryAnswer,
  HistoryPeriod,
  HistoryView,
  HourlySummary,
} from '../model/history.ts';
import type { ReportView } from '../model/report-view.ts';
import { secondsBetween } from './quantities.ts';

/** A shorter gap is only a restart; after it, the agent measures its longest gap anew. */
const MIN_GAP_SECONDS = 60;

/** The summaries since a given time, and the gaps between them. */
export function historyView(
  answer: HistoryAnswer,
  report: ReportView,
  sinceMilliseconds: number,
): HistoryView {
  const since = new Date(sinceMilliseconds).toISOString();
  const known = [...answer.hours, answer.running];
  const periods: HistoryPeriod[] = [];
  let before: HourlySummary | null = null;
  for (const summary of known) {
    // A start in the future comes from a clock that was ahead, so it does not show when that was.
    const isAhead = summary.from > answer.now;
    if (Date.parse(summary.to) > sinceMilliseconds) {
      const end: string = before === null ? since : coveredUntil(before, answer.now);
      const from = end < since ? since : end;
      const seconds = Math.round(secondsBetween(from, summary.from) ?? 0);
      if (seconds >= MIN_GAP_SECONDS && !isAhead) {
        const cause = causeOf(before, summary, { from, bootedAt: answer.bootedAt });
        periods.push({ kind: 'gap', from, to: summary.from, seconds, cause });
      }
      const isRunning = summary === answer.running;
      periods.push({ kind: 'summary', isRunning, ...summary });
    }
    if (!isAhead) before = summary;
  }
  return {
    schemaVersion: 1,
    cell: report.cell.bosh,
    since,
    until: answer.now,
    verdict: report.verdict,
    why: report.why,
    periods,
    totals: totalsOf(periods),
  };
}

/** An end in the future comes from a clock that was ahead; then only the beginning is certain. */
const coveredUntil = ({ from, to }: HourlySummary, now: string): string => (to <= now ? to : from);

function causeOf(
  before: HourlySummary | null,
  next: HourlySummary,
  { from, bootedAt }: { readonly from: string; readonly bootedAt: string },
): GapCause {
  if (before === null) return 'before-history';
  const isAnotherBoot = before.bootId !== '' && next.bootId !== '' && before.bootId !== next.bootId;
  return isAnotherBoot || (bootedAt > from && bootedAt <= next.from) ? 'rebooted' : 'no-agent';
}

function totalsOf(periods: readonly HistoryPeriod[]): HistoryView['totals'] {
  const summaries = periods.flatMap((one) => (one.kind === 'summary' ? [one] : []));
  const gaps = periods.flatMap((one) =>
    one.kind === 'gap' && one.cause !== 'before-history' ? [one] : [],
  );
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  const most = (numbers: readonly number[]): number => Math.max(0, ...numbers);
  return {
    passes: sum(summaries.map(({ passes }) => passes)),
    compared: sum(summaries.map(({ compared }) => compared)),
    failed: sum(summaries.map(({ failed }) => failed)),
    longestGapSeconds: most(summaries.map(({ longestGapSeconds }) => longestGapSeconds)),
    gaps: gaps.length,
    gapSeconds: sum(gaps.map(({ seconds }) => seconds)),
    mostFindings: most(summaries.map(({ findings }) => findings)),
  };
}
