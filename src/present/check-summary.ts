import { countsAsUntracked } from '../model/acknowledgement.ts';
import { leastSettleOf, type Reason, REASONS } from '../model/finding.ts';
import type { ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import type { Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { GENERATIONS, ignoredText, isPlainName, shortHandle } from './names.ts';
import { plural, timeWithAge } from './quantities.ts';
import { REASON_TEXTS } from './reason-texts.ts';

/** The longest sentence that is shown: an agent of another release may have written it. */
export const MAX_SENTENCE = 1200;

interface SummaryOptions extends Screen {
  /** How long a check lasted; Infinity for an agent, which waits for every grace period. */
  readonly settleMilliseconds: number;
}

/** The verdict, how it was found, and what to type next. */
export function summaryLines(
  report: ReportView,
  { colors, columns, settleMilliseconds }: SummaryOptions,
): string[] {
  const { verdict, cgroups, containers, ignored, garden } = report;
  const isOnlyDrill =
    verdict === 'untracked' &&
    containers.every(({ status, drill }) => drill || status !== 'untracked');
  const color = {
    'all-tracked': colors.green,
    untracked: isOnlyDrill ? colors.magenta : colors.red,
    unknown: colors.yellow,
  }[verdict];
  const lines = wrapText(oneLine(report.why, MAX_SENTENCE), columns, color);
  // If nothing was scanned, zeros would be claims.
  const isScanned = verdict !== 'unknown' || report.seen > 0;
  const facts = [
    `${GENERATIONS[cgroups.mode]}, ${scannedText(report)}`,
    garden.state === 'known'
      ? `Garden lists ${garden.listed}`
      : `Garden unavailable since ${timeWithAge(garden.since, report.takenAt)}`,
    ...(isScanned ? [`ignored cgroups: ${ignoredText(ignored)}`] : []),
  ];
  if (report.stale.length > 0) {
    facts.push(plural(report.stale.length + report.staleOmitted, 'leftover empty cgroup'));
  }
  lines.push(...wrapText(`${facts.join('; ')}.`, columns, colors.dim));
  const waits = (wanted: Reason): boolean =>
    containers.some(({ status, reason }) => status === 'pending' && reason === wanted);
  for (const reason of REASONS.filter(waits)) {
    const least = leastSettleOf(reason);
    const { inShortCheck } = REASON_TEXTS[reason];
    if (settleMilliseconds >= least || inShortCheck === undefined) continue;
    const note = `In a check this short, ${inShortCheck} stay pending; use --settle ${least / 1000}s or more.`;
    lines.push(...wrapText(note, columns));
  }
  const next = isOnlyDrill ? null : nextLine(report);
  return next === null ? lines : [...lines, ...wrapText(next, columns)];
}

function scannedText({ cgroups: { primary, hierarchies } }: ReportView): string {
  if (primary === null) return 'no hierarchy scanned';
  const scanned = hierarchies.find(
    ({ version, controllers, chosen }) =>
      chosen !== null && (primary === 'v2' ? version === 2 : controllers.includes(primary)),
  );
  const mount = scanned?.chosen ?? null;
  const place = mount === null ? '' : ` at ${oneLine(mount.mountPoint, 80)}`;
  return `scanned hierarchy ${oneLine(primary, 80)}${place}`;
}

/** What to type next, about the worst finding. */
function nextLine({ verdict, containers }: ReportView): string | null {
  if (verdict !== 'untracked')
    return verdict === 'unknown' ? 'Fix that, then run rollcall check again.' : null;
  const worst = containers.find((one) => countsAsUntracked(one) && !one.drill);
  const name =
    worst !== undefined && isPlainName(worst.handle) ? shortHandle(containers)(worst) : 'HANDLE';
  return `Next: rollcall explain ${name}, and rollcall runbook ${worst?.reason ?? 'REASON'}.`;
}
