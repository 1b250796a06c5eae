import type { AgentState } from '../../model/agent-state.ts';
import { plural, spanText } from '../quantities.ts';
import { clockText, dataTable, moreNote, scrollRegion, section, timeElement } from './elements.ts';
import { historyChart } from './history-chart.ts';
import { GAP_WORDS, hourOf, isGap, isoOf, runsOf, type Run } from './history-runs.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

const MAX_RUNS = 60;
const MAX_GAPS = 5;

/** The last hour in one sentence, as a chart, and as a table of its changes. */
export function historySection(state: Pick<AgentState, 'history' | 'startedAt'>): SafeHtml {
  const hour = hourOf(state);
  const runs = hour === null ? [] : runsOf(hour);
  return section(
    'hour',
    'Last hour',
    hour === null
      ? html`<p class="more">No pass has completed yet.</p>`
      : html`<p class="lead">${sentenceOf(runs)}</p>
          ${historyChart(hour, runs)} ${gapsList(runs)}
          <details id="hour-details" data-keep>
            <summary id="hour-summary">The same as a table</summary>
            ${scrollRegion('hour-table', 'Table of the last hour', runsTable(runs))}
          </details>`,
  );
}

/** The contents of the chart, for those who do not see it. */
function sentenceOf(runs: readonly Run[]): string {
  const compared = runs.flatMap((run) => (run.kind === 'compared' ? [run] : []));
  const tracked = compared.map(({ point }) => point.tracked);
  const most = Math.max(...tracked);
  const least = Math.min(...tracked);
  const parts: string[] = [];
  if (compared.length > 0) {
    parts.push(least === most ? `${most} tracked` : `${least} to ${most} tracked`);
    const untracked = Math.max(...compared.map(({ point }) => point.untracked));
    const differing = secondsOf(compared.filter(({ point }) => point.untracked > 0));
    parts.push(
      untracked === 0
        ? 'none untracked'
        : `up to ${untracked} untracked, for ${spanText(differing)} in all`,
    );
  }
  for (const kind of ['not-compared', 'no-pass'] as const) {
    const seconds = secondsOf(runs.filter((run) => run.kind === kind));
    if (seconds > 0) parts.push(`${GAP_WORDS[kind]} for ${spanText(seconds)}`);
  }
  // A single pass that compared nothing has lasted no time yet.
  const text = parts.length === 0 ? 'nothing was compared' : parts.join('; ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

const secondsOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);

/** When nothing is known, in words: the chart has room for them only in long gaps. */
function gapsList(runs: readonly Run[]): SafeHtml | null {
  const gaps = runs.filter(isGap).toReversed();
  if (gaps.length === 0) return null;
  return html`<ul class="gaps">
      ${gaps.slice(0, MAX_GAPS).map(({ kind, from, to }) => {
        const words = GAP_WORDS[kind];
        return html`<li>
          ${words.slice(0, 1).toUpperCase()}${words.slice(1)}
          <span class="whole">${clockText(isoOf(from))} to ${clockText(isoOf(to))}</span>
          <span class="whole">(${spanText((to - from) / 1000)})</span>
        </li>`;
      })}
    </ul>
    ${moreNote(gaps.length - MAX_GAPS, 'older, in the table.')}`;
}

function runsTable(runs: readonly Run[]): readonly HtmlValue[] {
  const newest = runs.toReversed().slice(0, MAX_RUNS);
  const omitted = runs.length - newest.length;
  const table = dataTable({
    look: 'runs',
    caption: 'Changes of the last hour, newest first',
    isHeard: true,
    columns: ['From', 'Tracked', 'Pending', 'Untracked', 'Compared'],
    numbers: [1, 2, 3],
    rows: newest.map((run) => ({ cells: runCells(run) })),
  });
  const since = clockText(isoOf(runs[0]?.from ?? 0));
  return [table, moreNote(omitted, `${plural(omitted, 'older change')}, since ${since}.`)];
}

/** A dash for what was not compared: the last known numbers would be a claim. */
function runCells(run: Run): readonly HtmlValue[] {
  const { tracked, pending, untracked } =
    run.kind === 'compared' ? run.point : { tracked: '–', pending: '–', untracked: '–' };
  const compared = run.kind === 'compared' ? 'yes' : GAP_WORDS[run.kind];
  return [timeElement(isoOf(run.from)), tracked, pending, untracked, compared];
}
