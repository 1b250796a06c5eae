import type { HistoryPoint } from '../../model/agent-state.ts';
import { historyChart } from './history-chart.ts';
import { hourOf, runsOf, type Run } from './history-runs.ts';
import { html, type SafeHtml } from './html.ts';
import { scrollRegion } from './scroll-region.ts';
import { clockText, spanText, timeElement } from './times.ts';

const MAX_RUNS = 60;

/** The last hour as a curve, in one sentence, and as a table of its changes. */
export function historySection(history: readonly HistoryPoint[]): SafeHtml {
  const hour = hourOf(history);
  return html`<section id="hour" aria-labelledby="hour-title">
    <h2 id="hour-title">Last hour</h2>
    ${
      hour === null
        ? html`<p class="more">No look has ended yet.</p>`
        : html`<p class="lead">${sentenceOf(runsOf(hour.points, hour.to))}</p>
            ${historyChart(hour)}
            <details id="hour-details" data-keep>
              <summary id="hour-summary">The same as a table</summary>
              ${scrollRegion('hour-table', 'Table of the last hour', runsTable(runsOf(hour.points, hour.to)))}
            </details>`
    }
  </section>`;
}

/** What the curve says, for those who do not see it. */
function sentenceOf(runs: readonly Run[]): string {
  const told = runs.filter(({ point }) => !point.isUnknown);
  const tracked = told.map(({ point }) => point.tracked);
  const most = Math.max(...tracked);
  const least = Math.min(...tracked);
  const parts: string[] = [];
  if (told.length > 0)
    parts.push(least === most ? `${most} tracked` : `${least} to ${most} tracked`);
  const untracked = Math.max(...runs.map(({ point }) => point.untracked));
  const differing = secondsOf(runs.filter(({ point }) => point.untracked > 0));
  parts.push(
    untracked === 0
      ? 'none untracked'
      : `up to ${untracked} untracked, for ${spanText(differing)} in all`,
  );
  const unknown = secondsOf(runs.filter(({ point }) => point.isUnknown));
  if (unknown > 0) parts.push(`could not tell for ${spanText(unknown)}`);
  const text = parts.join('; ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

const secondsOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);

function runsTable(runs: readonly Run[]): SafeHtml {
  const newest = runs.toReversed().slice(0, MAX_RUNS);
  const omitted = runs.length - newest.length;
  return html`<table class="runs">
      <caption class="heard">
        Changes of the last hour, newest first
      </caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col" class="number">Tracked</th>
          <th scope="col" class="number">Pending</th>
          <th scope="col" class="number">Untracked</th>
          <th scope="col">Compared</th>
        </tr>
      </thead>
      <tbody>
        ${newest.map(
          ({ point }) =>
            html`<tr>
              <th scope="row">${timeElement(point.at)}</th>
              <td class="number">${point.tracked}</td>
              <td class="number">${point.pending}</td>
              <td class="number">${point.untracked}</td>
              <td>${point.isUnknown ? 'could not tell' : 'yes'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${omitted > 0 ? html`<p class="more">… and ${omitted} older changes, since ${clockText(runs[0]?.point.at ?? '')}.</p>` : null}`;
}
