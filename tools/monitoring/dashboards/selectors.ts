import type { MetricName } from '../../../src/present/metrics.ts';
import { list, series } from '../alerts/series.ts';
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
