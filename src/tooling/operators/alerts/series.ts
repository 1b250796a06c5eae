import { METRICS, type MetricName } from '../../../present/metrics-table.ts';
import type { Route } from '../routes.ts';
import { THRESHOLDS } from './thresholds.ts';

/* The pieces of PromQL that more than one alert is made of. Each is a vector with one element a cell. */

/** The selector of a metric on a route; `matchers` without braces. */
export function series(route: Route, name: MetricName, matchers = ''): string {
  const type = METRICS.find((metric) => metric.name === name)?.type ?? 'gauge';
  return `${route.metric(name, type)}${matchers === '' ? '' : `{${matchers}}`}`;
}

export const list = (labels: readonly string[]): string => labels.join(', ');
export const onCell = (route: Route): string => `on (${list(route.identity)})`;
export const perCell = (route: Route, expression: string, how: 'max' | 'sum' = 'max'): string =>
  `${how} by (${list(route.identity)}) (${expression})`;

/** The value of a metric, over a lost scrape or two. */
export const bridged = (route: Route, name: MetricName): string =>
  perCell(route, `last_over_time(${series(route, name)}[${THRESHOLDS.bridged}])`);

const LAST = 'rollcall_last_reconcile_timestamp_seconds';

/** Unix time of the last look of each cell that was heard within the time; not of one whose agent has not looked yet. */
export const lastLook = (route: Route, within: string): string =>
  perCell(route, `max_over_time(${series(route, LAST)}[${within}]) > 0`);

/** Cells whose agent looks only every 100 seconds or more. */
const slowCells = (route: Route): string =>
  perCell(
    route,
    `max_over_time(${series(route, 'rollcall_build_info', 'interval_seconds=~"[0-9]{3,}"')}[${THRESHOLDS.remembered}])`,
  );

/**
 * Cells that look now. A cell that is stopped for a deploy loses Garden before its agent ends, and an exporter on the way shows
 * that last value for minutes: what such a cell says is no news.
 */
export const looking = (route: Route): string => {
  const age = `time() - ${lastLook(route, THRESHOLDS.bridged)}`;
  return `(${age} < ${THRESHOLDS.freshSeconds} or ${age} < ${THRESHOLDS.freshSecondsSlow} and ${onCell(route)} ${slowCells(route)})`;
};

/** Cells that have not looked for too long; the value is for how many seconds. */
export const silent = (route: Route): string => {
  const age = `time() - ${lastLook(route, THRESHOLDS.remembered)}`;
  return `(
  ${age} > ${THRESHOLDS.silentSeconds}
  unless ${onCell(route)} ${slowCells(route)}
or
  ${age} > ${THRESHOLDS.silentSecondsSlow}
)`;
};

/** Cells whose Garden could not be read in their last look. Before the first look nobody has asked Garden. */
export const gardenAway = (route: Route): string =>
  `(${bridged(route, 'rollcall_garden_up')} == 0 and ${onCell(route)} ${bridged(route, LAST)} > 0)`;

/** Of the given cells, those that are still there, whatever their agent does. */
export function stillThere(route: Route, cells: string): string {
  const { cellAlive } = route;
  if (cellAlive.kind === 'up') {
    return `${cells}
and ${onCell(route)} ${perCell(route, `up{job="${cellAlive.scrapeJob}"}`)}`;
  }
  // Where the neighbour was never seen, nothing tells a cell that was deleted from a silent one: then all are taken as there.
  const ever = `max by (${list(route.deploymentIdentity)}) (max_over_time(${cellAlive.series}[${THRESHOLDS.remembered}]))`;
  return `${cells}
and ${onCell(route)} ${perCell(route, cellAlive.series)}
or
${cells}
unless on (${list(route.deploymentIdentity)}) ${ever}`;
}
