import type { Severity } from '../../../src/model/finding.ts';
import type { MetricName } from '../../../src/present/metrics.ts';
import { secondsOf, THRESHOLDS } from '../alerts/alert.ts';
import { LAST_PASS, list, ofContainers, series } from '../alerts/series.ts';
import { aliveSeries, type MetricsRoute } from '../metrics-routes.ts';

/** Grafana's id of a route's dashboard, which links use. */
export const uidOf = ({ id }: MetricsRoute): string => `rollcall-${id}`;

/** Selects the series of one metrics route, restricted by the dashboard's choices. */
export interface Selectors {
  readonly route: MetricsRoute;
  readonly cells: (metric: MetricName, ...matchers: readonly string[]) => string;
  /**
   * The same, with one series for each cell and value of these labels. If values linger, a
   * recreated or upgraded cell has two for a while and must not count twice.
   */
  readonly each: (
    metric: MetricName,
    labels: readonly string[],
    ...matchers: readonly string[]
  ) => string;
  /** A `by` clause for one series per cell. */
  readonly by: string;
  readonly alive: string;
}

function within(route: MetricsRoute, chosen: readonly string[]): Selectors {
  const { identity } = route;
  const cells: Selectors['cells'] = (metric, ...matchers) =>
    series(route, metric, [...chosen, ...matchers].join(','));
  return {
    route,
    cells,
    each: (metric, labels, ...matchers) =>
      `max by (${list([...identity, ...labels])}) (${cells(metric, ...matchers)})`,
    by: `by (${list(identity)})`,
    alive: aliveSeries(route, chosen),
  };
}

const foundation = ({ labels }: MetricsRoute): readonly string[] => [
  `${labels.foundation}=~"$foundation"`,
  `${labels.deployment}=~"$deployment"`,
  `${labels.group}=~"$group"`,
];

export const ofFoundation = (route: MetricsRoute): Selectors => within(route, foundation(route));

export const ofOneCell = (route: MetricsRoute): Selectors =>
  within(route, [...foundation(route), `${route.labels.cell}="$cell"`]);

/** A pass that is older is not current, as in the alerts. */
export const STALE_SECONDS = secondsOf(THRESHOLDS.fresh);

/** A cell that reported before is shown for this long, even if it was removed permanently. */
const MISSED_FOR = '1h';

/** The seconds since the last pass of each reporting cell; no value before its first pass. */
export const ageOfPass = ({ each }: Selectors): string => `time() - (${each(LAST_PASS, [])} > 0)`;

export const timeSincePass = ({ by, cells }: Selectors): string =>
  `time() - max ${by} (max_over_time(${cells(LAST_PASS)}[${MISSED_FOR}]))`;

/** The number of cells without a current pass; no series if no cell reported recently. */
export const silentCells = (selectors: Selectors): string =>
  `sum(${timeSincePass(selectors)} > bool ${STALE_SECONDS})`;

export const cellsInDoubt = ({ each }: Selectors): string =>
  `sum(${each('rollcall_could_not_tell', [])})`;

export const untracked = ({ each }: Selectors, severity: Severity): string =>
  `sum(${each('rollcall_untracked', ['reason'], ...ofContainers(severity))})`;
