import type { AgentState } from '../../model/agent-state.ts';
import type { UnknownCause } from '../../model/report.ts';
import type { ReportView } from '../../model/report-view.ts';
import { unknownSentence } from '../verdict-sentence.ts';
import { cellName, cellText } from '../names.ts';
import { secondsBetween, spanText } from '../quantities.ts';
import { html, type SafeHtml } from './html.ts';
import * as ui from './elements.ts';

export type Headline = { readonly sign: ui.Sign; readonly words: string };

const COULD_NOT_TELL: Headline = { sign: 'unknown', words: 'Unknown' };

/** While there is no report: the first pass is under way, or all passes so far have failed. */
export const headlineWithout = ({ passFailed }: Pick<AgentState, 'passFailed'>): Headline =>
  passFailed === null ? { sign: 'pending', words: 'First pass under way' } : COULD_NOT_TELL;

/** The verdict in two words and a shape: the start of the page, and the title of its tab. */
export function headlineOf(report: ReportView): Headline {
  if (report.verdict === 'unknown') return COULD_NOT_TELL;
  const untracked = ui.untrackedOf(report);
  if (untracked.length > 0) {
    const isCritical = untracked.some(({ severity }) => severity === 'critical');
    return { sign: isCritical ? 'critical' : 'warning', words: `${untracked.length} untracked` };
  }
  if (ui.drillsOf(report).length > 0) return { sign: 'drill', words: 'Drill' };
  if (report.containers.length === 0) return { sign: 'ok', words: 'No containers' };
  const { pending, undecided } = report.summary;
  if (pending + undecided > 0) {
    return { sign: undecided > 0 ? 'unknown' : 'pending', words: 'None untracked' };
  }
  return { sign: 'ok', words: 'All tracked' };
}

export interface VerdictOptions extends Pick<AgentState, 'lastComparedAt'> {
  readonly unknownCause: UnknownCause | null;
  /** When the page was made; null for a page in a file, which is read at another time. */
  readonly now: string | null;
}

/** The main answer of the page, so it comes first. */
export function verdictSection(
  report: ReportView,
  { unknownCause, lastComparedAt, now }: VerdictOptions,
): SafeHtml {
  const { takenAt, cell } = report;
  const notices = html`${drillNotice(report)}
    ${lastKnownNotice(unknownCause, report, lastComparedAt)}
    <p class="taken">
      Cell <bdi>${cell.bosh === null ? cellName(cell) : cellText(cell.bosh)}</bdi>, last pass
      ${ui.timeElement(takenAt)} ${ageElement(takenAt, now)}
    </p>`;
  return sectionOf(headlineOf(report), ui.sentenceText(report.why), {
    notices,
    counts: countsList(report, unknownCause),
  });
}

const sectionOf = (
  { sign, words }: Headline,
  sentence: SafeHtml,
  { notices, counts }: Readonly<Record<'notices' | 'counts', SafeHtml | null>>,
): SafeHtml =>
  html`<section class="verdict ${sign}" aria-labelledby="verdict">
    ${ui.icon(sign)}
    <div>
      <h1 id="verdict">${words}</h1>
      <p id="verdict-sentence" class="sentence">${sentence}</p>
      ${notices}
    </div>
    ${counts}
  </section>`;

export function noReportSection(state: Pick<AgentState, 'startedAt' | 'passFailed'>): SafeHtml {
  const { startedAt, passFailed } = state;
  const sentence =
    passFailed === null
      ? html`The agent started at ${ui.timeElement(startedAt)} and has not finished its first pass.
        Nothing is known yet.`
      : ui.sentenceText(unknownSentence({ kind: 'pass-failed', why: passFailed }));
  const notices =
    passFailed === null
      ? null
      : html`<p class="notice">
          No pass over this cell has succeeded since the agent started at
          ${ui.timeElement(startedAt)}: nothing is known about its containers.
        </p>`;
  return sectionOf(headlineWithout(state), sentence, { notices, counts: null });
}

/** The script keeps it up to date. */
function ageElement(takenAt: string, now: string | null): SafeHtml | null {
  const seconds = now === null ? null : secondsBetween(takenAt, now);
  return seconds === null
    ? null
    : html`<span id="age" class="ago" data-seconds="${Math.round(seconds)}"
        >(${spanText(seconds)} ago)</span
      >`;
}

function drillNotice(report: ReportView): SafeHtml | null {
  if (ui.drillsOf(report).length === 0) return null;
  return html`<p class="drill-notice">
    <strong>DRILL</strong> Somebody is testing the alert path. <a href="#drill">The drill</a> is not
    a container, and no number here includes it.
  </p>`;
}

/** While nothing can be compared: says that the rest is old, and how old. */
function lastKnownNotice(
  cause: UnknownCause | null,
  report: ReportView,
  lastComparedAt: string | null,
): SafeHtml | null {
  if (cause === null) return null;
  if (ui.realContainers(report).length === 0) {
    return html`<p class="notice">
      No earlier state is known: nothing is known about the containers of this cell.
    </p>`;
  }
  const last =
    lastComparedAt === null
      ? null
      : html` It was last compared at ${ui.agedTime(lastComparedAt, report.takenAt)}.`;
  return html`<p class="notice">
    <strong>What follows is the last known state.</strong>${last} Nothing becomes untracked, and
    nothing recovers, until the cell can be compared again.
  </p>`;
}

/** For numbers that were neither compared nor known from before: a zero would be a claim. */
const NOT_KNOWN = '–';

function countsList(report: ReportView, cause: UnknownCause | null): SafeHtml {
  const { garden, seen, summary, cell } = report;
  const untracked = ui.untrackedOf(report).length;
  const isKnown = cause === null || ui.realContainers(report).length > 0;
  const compared = (count: number): number | string => (isKnown ? count : NOT_KNOWN);
  const warnings = cell.warnings.length;
  const counts: readonly (readonly [string, string | number, string])[] = [
    ['Untracked', compared(untracked), untracked > 0 ? 'bad' : ''],
    ['Pending', compared(summary.pending), ''],
    ...(warnings === 0 ? [] : [['Warnings', warnings, 'warned'] as const]),
    ['Garden lists', garden.state === 'known' ? garden.listed : NOT_KNOWN, ''],
    ['Running', cause === null || seen > 0 ? seen : NOT_KNOWN, ''],
    ['In both', cause === null && summary.undecided === 0 ? inBoth(report) : NOT_KNOWN, ''],
  ];
  return html`<dl class="counts">
    ${counts.map(
      ([words, value, look]) =>
        html`<div class="${look}">
          <dt>${words}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** How many run and are listed. */
const inBoth = (report: ReportView): number =>
  ui
    .realContainers(report)
    .filter(({ pids, explanation }) => pids > 0 && explanation !== 'unknown-to-garden').length;

/** Beside the heading of a list that this pass could not update. */
export const lastKnownMark = (cause: UnknownCause | null): SafeHtml | null =>
  cause === null ? null : html` <span class="quiet">as last known</span>`;
