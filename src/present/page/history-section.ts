import type { HistoryPoint } from '../../model/agent-state.ts';
import { spanText } from '../words.ts';
import { clockText, moreNote, scrollRegion, timeElement } from './elements.ts';
import { html, type SafeHtml } from './html.ts';

const MAX_RUNS = 60;

/** The last hour as a curve, in one sentence, and as a table of its changes. */
export function historySection(history: readonly HistoryPoint[]): SafeHtml {
  const hour = hourOf(history);
  const runs = hour === null ? [] : runsOf(hour.points, hour.to);
  return html`<section id="hour" aria-labelledby="hour-title">
    <h2 id="hour-title">Last hour</h2>
    ${
      hour === null
        ? html`<p class="more">No look has ended yet.</p>`
        : html`<p class="lead">${sentenceOf(runs)}</p>
            ${historyChart(hour, runs)}
            <details id="hour-details" data-keep>
              <summary id="hour-summary">The same as a table</summary>
              ${scrollRegion('hour-table', 'Table of the last hour', runsTable(runs))}
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
    ${moreNote(omitted, `older changes, since ${clockText(runs[0]?.point.at ?? '')}.`)}`;
}

const HOUR = 3_600_000;

/** The points that can be drawn: within an hour, in milliseconds since 1970. */
export interface Hour {
  readonly from: number;
  readonly to: number;
  readonly points: readonly HistoryPoint[];
}

/** A time in which nothing changed. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly point: HistoryPoint;
}

/** The hour before the last pass, without points that a set wall clock put outside. */
export function hourOf(history: readonly HistoryPoint[]): Hour | null {
  const last = Date.parse(history.at(-1)?.at ?? '');
  if (Number.isNaN(last)) return null;
  const from = last - HOUR;
  const points = history.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= last);
  const ordered = points.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { from, to: last, points: ordered };
}

const isSame = (a: HistoryPoint, b: HistoryPoint): boolean =>
  a.tracked === b.tracked &&
  a.pending === b.pending &&
  a.untracked === b.untracked &&
  a.isUnknown === b.isUnknown;

/** Joins consecutive equal points: a point holds until the next different one. */
export function runsOf(points: readonly HistoryPoint[], to: number): readonly Run[] {
  const runs: Run[] = [];
  for (const point of points) {
    const at = Date.parse(point.at);
    const last = runs.at(-1);
    if (last !== undefined && isSame(last.point, point)) continue;
    if (last !== undefined) runs[runs.length - 1] = { ...last, to: at };
    runs.push({ from: at, to, point });
  }
  return runs;
}

/*
 * Two lanes on one axis of time: tracked as a line, untracked as bars on their own scale, because 2
 * of 250 would have no height. Bands mark times without a comparison. The drawing is stretched, so
 * it holds no text.
 */
const WIDTH = 1000;
const LINE_LANE = { top: 4, height: 56 } as const;
const BAR_LANE = { top: 72, height: 36 } as const;
const HEIGHT = 110;

function historyChart(hour: Hour, runs: readonly Run[]): SafeHtml {
  const x = (at: number): number => round(((at - hour.from) / (hour.to - hour.from)) * WIDTH);
  const mostTracked = Math.max(1, ...runs.map(({ point }) => point.tracked));
  const mostUntracked = Math.max(0, ...runs.map(({ point }) => point.untracked));
  const isUnknown = runs.some(({ point }) => point.isUnknown);
  return html`<figure class="chart">
    <div class="plot">
      <svg
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-labelledby="chart-title chart-desc"
      >
        <title id="chart-title">Tracked and untracked containers in the last hour</title>
        <desc id="chart-desc">
          A line for tracked containers, bars for untracked ones, bands where nothing could be
          compared. The sentence above and the table below say the same.
        </desc>
        ${runs.map((run) => (run.point.isUnknown ? band(run, x) : null))}
        <path
          class="axis"
          d="M0 ${LINE_LANE.top + LINE_LANE.height}H${WIDTH}M0 ${BAR_LANE.top + BAR_LANE.height}H${WIDTH}"
        />
        <path class="tracked" d="${trackedPath(runs, x, mostTracked)}" />
        ${runs.map((run) => (run.point.untracked > 0 ? bar(run, x, mostUntracked) : null))}
      </svg>
    </div>
    <p class="axis-words" aria-hidden="true">
      ${[0, 0.25, 0.5, 0.75, 1].map(
        (part) => html`<span>${clockText(isoOf(hour.from + part * (hour.to - hour.from)))}</span>`,
      )}
    </p>
    <p class="legend" aria-hidden="true">
      <span><span class="key tracked"></span>tracked, at most ${mostTracked}</span>
      <span><span class="key bar"></span>untracked, at most ${mostUntracked}</span>
      ${isUnknown ? html`<span><span class="key band"></span>could not tell</span>` : null}
    </p>
  </figure>`;
}

type Scale = (at: number) => number;

const round = (value: number): number => Math.round(value * 10) / 10;

const isoOf = (at: number): string => new Date(at).toISOString();

const band = ({ from, to }: Run, x: Scale): SafeHtml =>
  html`<rect
    class="band"
    x="${x(from)}"
    y="0"
    width="${Math.max(2, round(x(to) - x(from)))}"
    height="${HEIGHT}"
  />`;

function bar({ from, to, point }: Run, x: Scale, most: number): SafeHtml {
  const height = round((point.untracked / most) * BAR_LANE.height);
  const y = round(BAR_LANE.top + BAR_LANE.height - height);
  return html`<rect
    class="bar"
    x="${x(from)}"
    y="${y}"
    width="${Math.max(3, round(x(to) - x(from)))}"
    height="${height}"
  />`;
}

/** Steps: a number holds until the next pass. */
function trackedPath(runs: readonly Run[], x: Scale, most: number): string {
  const y = (tracked: number): number =>
    round(LINE_LANE.top + LINE_LANE.height * (1 - tracked / most));
  return runs
    .map(({ from, to, point }, index) => {
      const height = y(point.tracked);
      return `${index === 0 ? `M${x(from)} ${height}` : `V${height}`}H${x(to)}`;
    })
    .join('');
}
