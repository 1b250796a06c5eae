import { leastSettleOf, type Reason, REASONS } from '../model/finding.ts';
import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { asTyped } from '../model/typed-as.ts';
import type { Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import {
  GENERATIONS,
  ignoredText,
  isPlainName,
  listText,
  placeText,
  shortHandle,
} from './names.ts';
import { plural, timeWithAge } from './quantities.ts';
import { REASON_TEXTS } from './reason-texts.ts';
import { isKnownSince } from './verdict-sentence.ts';

/** The longest sentence that is shown: an agent of another release may have written it. */
export const MAX_SENTENCE = 1200;

export interface SummaryOptions extends Screen {
  /** How long a check lasted; Infinity for an agent, which waits for every grace period. */
  readonly settleMilliseconds: number;
}

/** The verdict in sentences, and whose the findings are. */
function verdictLines(report: ReportView, { colors, columns, typedAs }: Screen): string[] {
  const color = {
    'all-tracked': colors.green,
    untracked: isOnlyDrill(report) ? colors.magenta : colors.red,
    unknown: colors.yellow,
  }[report.verdict];
  const affected = affectedText(report);
  return [
    ...wrapText(oneLine(asTyped(report.why, typedAs), MAX_SENTENCE), columns, color),
    ...(affected === null ? [] : wrapText(affected, columns)),
  ];
}

const isOnlyDrill = ({ verdict, containers }: ReportView): boolean =>
  verdict === 'untracked' &&
  containers.some(({ drill }) => drill) &&
  containers.every(({ status, drill }) => drill || status !== 'untracked');

/** The verdict, how it was found, and what to type next. */
export function summaryLines(report: ReportView, options: SummaryOptions): string[] {
  const { colors, columns, settleMilliseconds, typedAs = 'rollcall' } = options;
  const { verdict, cgroups, containers, ignored, garden } = report;
  const lines = verdictLines(report, options);
  // If nothing was scanned, zeros would be claims.
  const isScanned = verdict !== 'unknown' || report.seen > 0;
  const facts = [
    `${GENERATIONS[cgroups.mode]}, ${scannedText(report)}`,
    garden.state === 'known'
      ? `Garden lists ${garden.listed}`
      : isKnownSince(garden.since, report.takenAt)
        ? `Garden unavailable since ${timeWithAge(garden.since, report.takenAt)}`
        : 'Garden unavailable',
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
  const next = isOnlyDrill(report) ? null : nextLine(report, typedAs);
  return next === null ? lines : [...lines, ...wrapText(next, columns)];
}

const MAX_APPS = 5;
const MAX_NAME = 60;

/** Whose several findings are, the most affected app first; null if the table says it as well. */
function affectedText({ containers }: ReportView): string | null {
  const found = containers.filter(({ status, drill }) => status === 'untracked' && !drill);
  if (found.length < 2) return null;
  const named = Map.groupBy(
    found.filter(({ app }) => app !== null),
    appAndPlace,
  );
  const apps = [...named]
    .map(([name, { length }]) => ({ name, length }))
    .toSorted((a, b) => b.length - a.length);
  const more = sum(apps.slice(MAX_APPS));
  const unnamed = found.length - sum(apps);
  const parts = [
    ...apps.slice(0, MAX_APPS).flatMap(({ name, length }) => counted(length, `of ${name}`)),
    ...counted(more, `of ${plural(apps.length - MAX_APPS, 'other app')}`),
    ...counted(unnamed, 'without a known app'),
  ];
  return `Affected: ${listText(parts)}.`;
}

const counted = (containers: number, whose: string): readonly string[] =>
  containers === 0 ? [] : [`${plural(containers, 'container')} ${whose}`];

const sum = (groups: readonly { readonly length: number }[]): number =>
  groups.reduce((total, { length }) => total + length, 0);

/** `billing (retail / shop)`; without a name, the guid. */
function appAndPlace(container: ContainerView): string {
  const { app } = container;
  const place = placeText(container, MAX_NAME);
  const name = oneLine(app?.name ?? `app ${app?.id ?? '?'}`, MAX_NAME);
  return place === null ? name : `${name} (${place})`;
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
function nextLine({ verdict, containers }: ReportView, typedAs: string): string | null {
  if (verdict !== 'untracked')
    return verdict === 'unknown' ? `Fix that, then run ${typedAs} check again.` : null;
  const worst = containers.find(({ status, drill }) => status === 'untracked' && !drill);
  // Not among those that a filter shows.
  if (worst === undefined) return null;
  const name = isPlainName(worst.handle) ? shortHandle(containers)(worst) : 'HANDLE';
  return `Next: ${typedAs} explain ${name}, and ${typedAs} runbook ${worst.reason ?? 'REASON'}.`;
}
