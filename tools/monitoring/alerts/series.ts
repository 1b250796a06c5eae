import { METRICS, type MetricName } from '../../../src/present/metrics.ts';
import { aliveSeries, type Route } from '../routes.ts';
import { SLOW_AGENT, THRESHOLDS } from './thresholds.ts';

/* The pieces of PromQL that more than one alert is made of. Each is a vector with one element a cell. */

/** Unix time at which the last pass ended; 0 before the first. */
export const LAST_LOOK = 'rollcall_last_reconcile_timestamp_seconds';

/** The selector of a metric on a route; `matchers` without braces. */
export function series(route: Route, name: MetricName, matchers = ''): string {
  const type = METRICS.find((metric) => metric.name === name)?.type ?? 'gauge';
  return `${route.metric(name, type)}${matchers === '' ? '' : `{${matchers}}`}`;
}

export const list = (labels: readonly string[]): string => labels.join(', ');
export const onCell = (route: Route): string => `on (${list(route.identity)})`;
export const perCell = (
  route: Route,
  expression: string,
  how: 'max' | 'min' | 'sum' = 'max',
): string => `${how} by (${list(route.identity)}) (${expression})`;

/**
 * The value of a metric, over a lost scrape or two. `min` where a high one is bad: of a cell that was recreated under another address
 * an exporter shows the old value for a while, and what is over there is no news.
 */
export const bridged = (route: Route, name: MetricName, how: 'max' | 'min' = 'max'): string =>
  perCell(route, `last_over_time(${series(route, name)}[${THRESHOLDS.bridged}])`, how);

/** Unix time of the last pass of each cell that was heard within the time; not of one whose agent has not looked yet. */
export const lastLook = (route: Route, within: string): string =>
  perCell(route, `max_over_time(${series(route, LAST_LOOK)}[${within}]) > 0`);

const slowCells = (route: Route): string =>
  perCell(
    route,
    `max_over_time(${series(route, 'rollcall_build_info', SLOW_AGENT)}[${THRESHOLDS.remembered}])`,
  );

/**
 * Cells that were heard before the last `seconds`, and have not looked since. Not the age of the pass tells it, because the clock
 * of a cell may be wrong, but that its time is still the same.
 */
const idle = (route: Route, seconds: number, remembered: string): string => {
  const before = perCell(
    route,
    `last_over_time(${series(route, LAST_LOOK)}[${remembered}] offset ${seconds}s)`,
  );
  const now = perCell(route, `last_over_time(${series(route, LAST_LOOK)}[${seconds}s])`);
  return `(${before} unless ${now} != ${before})`;
};

/**
 * Cells whose agent reports now. A cell that is stopped for a deploy loses Garden before its agent ends, and an exporter on the way shows
 * that last value for minutes: what such a cell says is no news.
 */
export const looking = (route: Route): string => {
  const heard = `${bridged(route, LAST_LOOK)} > 0`;
  const idleFor = (seconds: number): string => idle(route, seconds, THRESHOLDS.present);
  return `(${heard} unless ${idleFor(THRESHOLDS.freshSeconds)} or ${heard} unless ${idleFor(THRESHOLDS.freshSecondsSlow)} and ${onCell(route)} ${slowCells(route)})`;
};

/** Cells that have not looked for too long; the value is the Unix time of the last pass, by the clock of the cell. */
export const silent = (route: Route): string => {
  const known = lastLook(route, THRESHOLDS.remembered);
  const idleFor = (seconds: number): string => idle(route, seconds, THRESHOLDS.remembered);
  return `(
  ${known} and ${idleFor(THRESHOLDS.silentSeconds)}
  unless ${onCell(route)} ${slowCells(route)}
or
  ${known} and ${idleFor(THRESHOLDS.silentSecondsSlow)}
)`;
};

/** Cells whose Garden could not be read in their last pass. Before the first pass nobody has asked Garden. */
export const gardenAway = (route: Route): string =>
  `(${bridged(route, 'rollcall_garden_up')} == 0 and ${onCell(route)} ${bridged(route, LAST_LOOK)} > 0)`;

/** Of the given cells, those that are still there, whatever their agent does. */
export function stillThere(route: Route, cells: string): string {
  const there = `${cells}
and ${onCell(route)} ${perCell(route, aliveSeries(route))}`;
  if (route.cellAlive.kind === 'up') return there;
  // Where the neighbour was never seen, nothing tells a cell that was deleted from a silent one: then all are taken as there.
  const ever = `max by (${list(route.deploymentIdentity)}) (max_over_time(${aliveSeries(route)}[${THRESHOLDS.remembered}]))`;
  return `${there}
or
${cells}
unless on (${list(route.deploymentIdentity)}) ${ever}`;
}
