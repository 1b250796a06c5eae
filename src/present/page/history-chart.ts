import { clockText } from './elements.ts';
import { html, type SafeHtml } from './html.ts';
import { GAP_WORDS, isGap, isoOf, type Hour, type Run } from './history-runs.ts';

/*
 * Two lanes on one time axis, each with its own scale, because 2 of 250 would have no height.
 * Lengths are shares of the lane, so that the curve is stretched, but no text.
 */
const WIDTH = 1000;
const HEIGHT = 100;
const TOP = 2;
/** A shorter gap has no room for its label. */
const MIN_WORDED_SHARE = 0.3;
const TIME_PARTS = [0, 0.25, 0.5, 0.75, 1] as const;

export function historyChart(hour: Hour, runs: readonly Run[]): SafeHtml {
  const x = (at: number): number => (at - hour.from) / (hour.to - hour.from);
  const points = runs.flatMap((run) => (run.kind === 'compared' ? [run.point] : []));
  const mostTracked = Math.max(1, ...points.map(({ tracked }) => tracked));
  const mostUntracked = Math.max(1, ...points.map(({ untracked }) => untracked));
  const bars = runs.flatMap((run) =>
    run.kind === 'compared' && run.point.untracked > 0 ? [bar(run, x, mostUntracked)] : [],
  );
  return html`<figure class="chart" role="group" aria-label="Chart of the last hour">
    ${lane({
      name: 'Tracked',
      most: mostTracked,
      about: 'Tracked containers in the last hour, as a line',
      gaps: gapsOf(runs, x),
      content: html`<svg
        width="100%"
        height="100%"
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
      >
        <path class="tracked" d="${trackedPath(runs, x, mostTracked)}" />
      </svg>`,
    })}
    ${lane({
      name: 'Untracked',
      most: mostUntracked,
      about: 'Untracked containers in the last hour, as bars',
      gaps: gapsOf(runs, x),
      content: html`${bars}`,
    })}
    <div class="times" aria-hidden="true">
      ${TIME_PARTS.map(
        (part) => html`<span>${clockText(isoOf(hour.from + part * (hour.to - hour.from)))}</span>`,
      )}
    </div>
    <p class="legend" aria-hidden="true">
      <span><span class="key tracked"></span>tracked</span>
      <span><span class="key bar"></span>untracked</span>
      ${[...new Set(runs.filter(isGap).map(({ kind }) => kind))].map(
        (kind) => html`<span><span class="key band ${kind}"></span>${GAP_WORDS[kind]}</span>`,
      )}
      <span>times in UTC</span>
    </p>
  </figure>`;
}

interface Lane {
  readonly name: string;
  /** The top of its scale, which starts at 0. */
  readonly most: number;
  readonly about: string;
  readonly gaps: readonly SafeHtml[];
  readonly content: SafeHtml;
}

function lane({ name, most, about, gaps, content }: Lane): SafeHtml {
  const id = `chart-${name.toLowerCase()}`;
  return html`<p class="lane-name" aria-hidden="true">${name}</p>
    <div class="lane ${name.toLowerCase()}">
      <div class="scale" aria-hidden="true"><span>${most}</span><span>0</span></div>
      <svg class="plot" role="img" aria-labelledby="${id}">
        <title id="${id}">${about}, from 0 to ${most}. The table below says the same.</title>
        <rect class="ground" width="100%" height="100%" />
        ${TIME_PARTS.map((part) => html`<rect class="tick" x="${percent(part)}" width="1" height="100%" />`)}
        ${gaps} ${content}
      </svg>
    </div>`;
}

type Scale = (at: number) => number;

const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`;

const gapsOf = (runs: readonly Run[], x: Scale): readonly SafeHtml[] =>
  runs.filter(isGap).map(({ kind, from, to }) => {
    const share = x(to) - x(from);
    return html`<svg
      x="${percent(x(from))}"
      width="${percent(Math.max(0.004, share))}"
      height="100%"
    >
      <rect class="band ${kind}" width="100%" height="100%" />
      ${share < MIN_WORDED_SHARE ? null : html`<text class="gap" x="50%" y="50%">${GAP_WORDS[kind]}</text>`}
    </svg>`;
  });

function bar(
  { from, to, point }: Extract<Run, { kind: 'compared' }>,
  x: Scale,
  most: number,
): SafeHtml {
  const share = point.untracked / most;
  return html`<rect
    class="bar"
    x="${percent(x(from))}"
    y="${percent(1 - share)}"
    width="${percent(Math.max(0.004, x(to) - x(from)))}"
    height="${percent(share)}"
  />`;
}

/** Steps, because a number applies until the next pass. A gap has no line. */
function trackedPath(runs: readonly Run[], x: Scale, most: number): string {
  const round = (value: number): number => Math.round(value * 10) / 10;
  let path = '';
  let end = NaN;
  for (const run of runs) {
    if (run.kind !== 'compared') continue;
    // Below the upper edge, which would cut the line.
    const y = round(TOP + (HEIGHT - TOP) * (1 - run.point.tracked / most));
    path += run.from === end ? `V${y}` : `M${round(x(run.from) * WIDTH)} ${y}`;
    path += `H${round(x(run.to) * WIDTH)}`;
    end = run.to;
  }
  return path;
}
