import { aliveSeries, type MetricsRoute } from '../metrics-routes.ts';
import { SLOW_AGENT, THRESHOLDS } from './alert.ts';
import { METRICS, type MetricName } from '../../../src/present/metrics.ts';

/** Unix time of the end of the last pass; 0 before the first. */
export const LAST_PASS = 'rollcall_last_reconcile_timestamp_seconds';

/** The selector of a metric on a metrics route; `matchers` go without braces. */
export function series(route: MetricsRoute, name: MetricName, matchers = ''): string {
  const type = METRICS.find((metric) => metric.name === name)?.type ?? 'gauge';
  return `${route.metric(name, type)}${matchers === '' ? '' : `{${matchers}}`}`;
}

/* Pieces of PromQL that alerts and dashboards share: each gives one element a cell. */

export const list = (labels: readonly string[]): string => labels.join(', ');
export const onCell = (route: MetricsRoute): string => `on (${list(route.identity)})`;
export const perCell = (
  route: MetricsRoute,
  expression: string,
  how: 'max' | 'min' | 'sum' = 'max',
): string => `${how} by (${list(route.identity)}) (${expression})`;

/**
 * The value of a metric, bridging a lost scrape or two. Pass `min` where high is bad: an exporter
 * shows the old value of a cell that was recreated under another address for a while.
 */
export const bridged = (
  route: MetricsRoute,
  name: MetricName,
  how: 'max' | 'min' = 'max',
): string => perCell(route, `last_over_time(${series(route, name)}[${THRESHOLDS.bridged}])`, how);

/**
 * Unix time of the last pass of each cell that was heard within the time; none before its first
 * pass.
 */
export const lastPass = (route: MetricsRoute, within: string): string =>
  perCell(route, `max_over_time(${series(route, LAST_PASS)}[${within}]) > 0`);

const slowCells = (route: MetricsRoute): string =>
  perCell(
    route,
    `max_over_time(${series(route, 'rollcall_build_info', SLOW_AGENT)}[${THRESHOLDS.remembered}])`,
  );

/**
 * Cells that were heard before the last `seconds` and made no pass since. A cell's clock may be
 * wrong, so this compares the time of the last pass with itself and not with now.
 */
const idle = (route: MetricsRoute, seconds: number, remembered: string): string => {
  const before = perCell(
    route,
    `last_over_time(${series(route, LAST_PASS)}[${remembered}] offset ${seconds}s)`,
  );
  const now = perCell(route, `last_over_time(${series(route, LAST_PASS)}[${seconds}s])`);
  return `(${before} unless ${now} != ${before})`;
};

/**
 * Cells whose agent makes passes now. A deploy stops Garden before the agent, and an exporter shows
 * the agent's last values for minutes: those do not count.
 */
export const reporting = (route: MetricsRoute): string => {
  const heard = `${bridged(route, LAST_PASS)} > 0`;
  const idleFor = (seconds: number): string => idle(route, seconds, THRESHOLDS.present);
  return `(${heard} unless ${idleFor(THRESHOLDS.freshSeconds)} or ${heard} unless ${idleFor(THRESHOLDS.freshSecondsSlow)} and ${onCell(route)} ${slowCells(route)})`;
};

/**
 * Cells without a pass for too long; the value is the time of the last one, by the cell's clock.
 */
export const silent = (route: MetricsRoute): string => {
  const known = lastPass(route, THRESHOLDS.remembered);
  const idleFor = (seconds: number): string => idle(route, seconds, THRESHOLDS.remembered);
  return `(
  ${known} and ${idleFor(THRESHOLDS.silentSeconds)}
  unless ${onCell(route)} ${slowCells(route)}
or
  ${known} and ${idleFor(THRESHOLDS.silentSecondsSlow)}
)`;
};

/** Cells whose last pass could not read Garden's list; none before the first pass. */
export const gardenAway = (route: MetricsRoute): string =>
  `(${bridged(route, 'rollcall_garden_up')} == 0 and ${onCell(route)} ${bridged(route, LAST_PASS)} > 0)`;

/** The given cells that still exist, whatever their agent does. */
export function stillThere(route: MetricsRoute, cells: string): string {
  const there = `${cells}
and ${onCell(route)} ${perCell(route, aliveSeries(route))}`;
  if (route.cellAlive.kind === 'up') return there;
  // A neighbour that was never seen cannot tell a deleted cell from a silent one: all count as
  // there.
  const ever = `max by (${list(route.deploymentIdentity)}) (max_over_time(${aliveSeries(route)}[${THRESHOLDS.remembered}]))`;
  return `${there}
or
${cells}
unless on (${list(route.deploymentIdentity)}) ${ever}`;
}
