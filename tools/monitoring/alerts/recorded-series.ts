import type { MetricName } from '../../../src/present/metrics.ts';
import {
  aliveSeries,
  deploymentIdentityOf,
  identityOf,
  seriesName,
  type MetricsRoute,
} from '../metrics-routes.ts';
import { secondsOf, THRESHOLDS } from './alert.ts';

/** Unix time of the end of the last pass; 0 before the first. */
const LAST_PASS = 'rollcall_last_reconcile_timestamp_seconds';

/** The selector of a metric on a metrics route; `matchers` is without braces. */
export const series = (route: MetricsRoute, name: MetricName, matchers = ''): string =>
  `${seriesName(route, name)}${matchers === '' ? '' : `{${matchers}}`}`;

export const list = (labels: readonly string[]): string => labels.join(', ');
export const onCell = (route: MetricsRoute): string => `on (${list(identityOf(route))})`;

/** One element per cell and value of `more`, whatever other labels the series have. */
export const perCell = (
  route: MetricsRoute,
  expression: string,
  { how = 'max', more = [] }: { how?: 'max' | 'min'; more?: readonly string[] } = {},
): string => `${how} by (${list([...identityOf(route), ...more])}) (${expression})`;

/**
 * Series that Prometheus records before the alerts. Each has only the labels of its cell and those
 * that its comment names, so alerts can combine them without `on` and stay readable.
 */
export type RecordedSeries = Readonly<
  Record<`rollcall:${string}`, (route: MetricsRoute) => string>
>;

/** The value of a metric for each cell, which survives one or two lost scrapes. */
export const bridged = (
  route: MetricsRoute,
  name: MetricName,
  options: Parameters<typeof perCell>[2] & { matchers?: string } = {},
): string =>
  perCell(
    route,
    `last_over_time(${series(route, name, options.matchers)}[${THRESHOLDS.bridged}])`,
    options,
  );

const KIND = ['reason', 'severity'];
const ONE_KIND = 'reason="unknown-to-garden",severity="critical"';

const changed = (route: MetricsRoute, within: string): string =>
  `${perCell(route, `changes(${series(route, LAST_PASS)}[${within}])`)} > 0`;

const findings = (route: MetricsRoute, matcher: string): string =>
  series(route, 'rollcall_untracked_since_timestamp_seconds', matcher);

export const PASSES: RecordedSeries = {
  /** Unix time of the last pass, by the cell's clock; 0 before the first pass. */
  'rollcall:last_pass': (route) => bridged(route, LAST_PASS),
  /**
   * Cells whose agent makes passes now. A cell's clock may be wrong, so the time of the last pass
   * is compared with its own earlier value. A deploy stops Garden before the agent, and an
   * exporter repeats the agent's last values for minutes: such cells do not count.
   */
  'rollcall:reporting': (route) => changed(route, THRESHOLDS.fresh),
  /** Cells whose last pass could not read Garden's list; none before the first pass. */
  'rollcall:garden_away': (route) =>
    `${bridged(route, 'rollcall_garden_up')} == 0
and rollcall:reporting
and rollcall:last_pass > 0`,
};

/** Each by `reason` and `severity`. */
export const FINDINGS: RecordedSeries = {
  /**
   * 0 for what was counted within the time for which a finding stays, on cells whose agent counts
   * now: one that shows one of its counts shows all.
   */
  'rollcall:recent': (route) =>
    `0 * (max_over_time(rollcall:counted[${THRESHOLDS.kept}]) > 0)
and ${onCell(route)} ${series(route, 'rollcall_untracked', ONE_KIND)}`,
  /**
   * What agents count. Most counts are 0 and were never anything else; if these were recorded, the
   * rules below would read 11 series of each cell.
   */
  'rollcall:counts': (route) =>
    `${perCell(route, `${series(route, 'rollcall_untracked')} > 0`, { more: KIND })}
or rollcall:recent`,
  /** Untracked containers. A restarted agent reports 0 until its first pass ends. */
  'rollcall:counted': (route) => `rollcall:counts
unless ${onCell(route)} rollcall:last_pass == 0`,
  /** When each drill began, by `handle` too: an exporter still shows the one before. */
  'rollcall:drill_began': (route) =>
    perCell(route, findings(route, 'drill="true"'), { more: [...KIND, 'handle'] }),
  /** Whether one of them is a drill; an agent makes one at a time. */
  'rollcall:drill': () => 'group without (handle) (rollcall:drill_began)',
  /** Whether one of them is a container and not a drill. */
  'rollcall:named': (route) =>
    `group by (${list([...identityOf(route), ...KIND])}) (
  ${findings(route, 'drill!="true"')}
)`,
  /**
   * Untracked containers without the drill. An exporter shows a drill for minutes after its end.
   * In that time a container with a series of its own still counts.
   */
  'rollcall:untracked': () =>
    `rollcall:counted - rollcall:drill > 0
or (rollcall:counted unless (rollcall:drill unless rollcall:named))
or rollcall:counted * rollcall:drill * 0`,
};

/** Each by `sensor`. */
export const SENSORS: RecordedSeries = {
  'rollcall:sensor_unseen': (route) =>
    bridged(route, 'rollcall_sensor_containers', {
      more: ['sensor'],
      matchers: 'state="unseen"',
    }),
  'rollcall:sensor_up': (route) => bridged(route, 'rollcall_sensor_up', { more: ['sensor'] }),
  'rollcall:sensor_silent': (route) =>
    bridged(route, 'rollcall_sensor_silent', { more: ['sensor'] }),
};

const perDeployment = (route: MetricsRoute, cells: string): string =>
  `count by (${list(deploymentIdentityOf(route))}) (${cells})`;

export const CELLS: RecordedSeries = {
  /** Cells that exist, whatever their agent does. */
  'rollcall:alive': (route) => perCell(route, aliveSeries(route)),
  /** Cells whose agent made a pass within the time after which it counts as silent. */
  'rollcall:passed_lately': (route) => changed(route, THRESHOLDS.silent),
  /** Cells that exist, without a pass. */
  'rollcall:silent': () => 'rollcall:alive unless rollcall:passed_lately',
  /**
   * When each cell was last seen to have made a pass, for as long as cells are remembered. The rule
   * reads its own series, because a range of hours opens one block of samples per two hours.
   * Prometheus may stop for as long as it looks back.
   */
  'rollcall:heard': () =>
    `timestamp(rollcall:last_pass > 0)
or last_over_time(rollcall:heard[${THRESHOLDS.stopped}]) >= time() - ${secondsOf(THRESHOLDS.remembered)}`,
  /** `last_pass` itself outlives its last value. */
  'rollcall:heard_lately': () =>
    `rollcall:heard >= time() - ${secondsOf(THRESHOLDS.present) - secondsOf(THRESHOLDS.bridged)}`,
  /** The number of cells of a deployment whose agent makes passes. */
  'rollcall:reporting_cells': (route) => perDeployment(route, 'rollcall:reporting'),
  /** Not the maximum, because a cell recreated under a new name counts twice for minutes. */
  'rollcall:usual_cells': () =>
    `floor(quantile_over_time(0.9, rollcall:reporting_cells[${THRESHOLDS.remembered}]))`,
  /** Cells that reported recently, as in a deploy, and those of which RollcallAgentSilent warns. */
  'rollcall:present_cells': (route) =>
    perDeployment(route, 'rollcall:heard_lately or rollcall:heard and rollcall:alive'),
};
