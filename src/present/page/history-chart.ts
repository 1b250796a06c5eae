import { runsOf, type Hour, type Run } from './history-runs.ts';
import { html, type SafeHtml } from './html.ts';
import { clockText } from './times.ts';

/*
 * Two lanes on one axis of time: tracked as a line, untracked as bars on a scale of their own, because 2 of 250 would be
 * no height. Bands are where nothing could be compared. The drawing is stretched to the width there is, so it holds no text.
 */
const WIDTH = 1000;
const LINE_LANE = { top: 4, height: 56 } as const;
const BAR_LANE = { top: 72, height: 36 } as const;
const HEIGHT = 110;

export function historyChart(hour: Hour): SafeHtml {
  const runs = runsOf(hour.points, hour.to);
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
