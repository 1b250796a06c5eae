import type { AgentState } from '../../model/agent-state.ts';
import { plural, spanText } from '../quantities.ts';
import { dataTable, moreNote, scrollRegion, section, timeElement } from './elements.ts';
import { GAP_WORDS, hourOf, isoOf, runsOf, type Hour, type Run } from './history-runs.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

const MAX_RUNS = 60;

/** The last hour in one sentence, as a sparkline, and as a table of its changes. */
export function historySection(state: Pick<AgentState, 'history' | 'startedAt'>): SafeHtml {
  const hour = hourOf(state);
  const runs = hour === null ? [] : runsOf(hour);
  return section(
    'hour',
    'Last hour',
    hour === null
      ? html`<p class="more">No pass has completed yet.</p>`
      : html`<p class="lead">${sentenceOf(runs)}</p>
          ${sparkline(hour, runs)}
          ${scrollRegion('hour-table', 'Table of the last hour', runsTable(runs))}`,
  );
}

const WIDTH = 1000;
const HEIGHT = 100;

/** Without a scale, because the table below has the numbers. */
function sparkline({ from, to }: Hour, runs: readonly Run[]): SafeHtml {
  const points = runs.flatMap((run) => (run.kind === 'compared' ? [run.point] : []));
  const most = {
    tracked: Math.max(1, ...points.map(({ tracked }) => tracked)),
    untracked: Math.max(1, ...points.map(({ untracked }) => untracked)),
  };
  const x = (at: number): number => Math.round((WIDTH * (at - from)) / (to - from));
  const bar = (run: Run, look: string, height: number): SafeHtml =>
    html`<rect
      class="${look}"
      x="${x(run.from)}"
      y="${HEIGHT - height}"
      width="${Math.max(4, x(run.to) - x(run.from))}"
      height="${height}"
    />`;
  const height = (share: number): number => Math.round(HEIGHT * share);
  const bars = runs.map((run) =>
    run.kind === 'compared'
      ? [
          bar(run, 'tracked', height(run.point.tracked / most.tracked)),
          bar(run, 'untracked', height(run.point.untracked / most.untracked)),
        ]
      : bar(run, 'gap', HEIGHT),
  );
  return html`<svg
      class="sparkline"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      ${bars}
    </svg>
    <p class="quiet">Blue: tracked. Red: untracked, on its own scale. Grey: nothing is known.</p>`;
}

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

function runsTable(runs: readonly Run[]): readonly HtmlValue[] {
  const newest = runs.toReversed().slice(0, MAX_RUNS);
  const omitted = runs.length - newest.length;
  /** A dash for what was not compared: the last known numbers would be a claim. */
  const count = (name: 'tracked' | 'pending' | 'untracked') => (run: Run) =>
    run.kind === 'compared' ? run.point[name] : '–';
  const caption = 'Changes of the last hour, newest first';
  const table = dataTable(newest, { look: 'runs', caption, isHeard: true }, [
    ['From', ({ from }) => timeElement(isoOf(from))],
    ['Tracked', count('tracked'), 'number'],
    ['Pending', count('pending'), 'number'],
    ['Untracked', count('untracked'), 'number'],
    ['Compared', ({ kind }) => (kind === 'compared' ? 'yes' : GAP_WORDS[kind])],
  ]);
  return [table, moreNote(omitted, plural(omitted, 'older change'))];
}
