import type { MetricName } from '../../../src/present/metrics.ts';
import { list, series } from '../alerts/series.ts';
import { aliveSeries, type MetricsRoute } from '../metrics-routes.ts';

/** Grafana's id of a route's dashboard, which links use. */
export const uidOf = ({ id }: MetricsRoute): string => `rollcall-${id}`;

/** Names the series of one metrics route, within the choices at the top of the dashboard. */
export interface Selectors {
  readonly route: MetricsRoute;
  /** The series of a metric, with more matchers. */
  readonly cells: (metric: MetricName, ...matchers: readonly string[]) => string;
  /**
   * The same, one series for each cell and value of these labels: where values linger, a cell that
   * was recreated or upgraded has two for a while and must not count twice.
   */
  readonly each: (
    metric: MetricName,
    labels: readonly string[],
    ...matchers: readonly string[]
  ) => string;
  /** A `by` clause: one series a cell. */
  readonly by: string;
  /** A series of each cell that exists. */
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

/** Selects all cells of the chosen foundations, deployments and instance groups. */
export const ofFoundation = (route: MetricsRoute): Selectors => within(route, foundation(route));

/** Selects the chosen cell. */
export const ofOneCell = (route: MetricsRoute): Selectors =>
  within(route, [...foundation(route), `${route.labels.cell}="$cell"`]);
