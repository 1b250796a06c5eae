import type { MetricName } from '../../../src/present/metrics.ts';
import { list, onCell, series } from '../alerts/series.ts';
import { aliveSeries, type Route } from '../routes.ts';

/** Grafana's name for the dashboard of a route, which links use. */
export const uidOf = ({ id }: Route): string => `rollcall-${id}`;

/** How a query of the dashboards names series of one route, within what the variables at its top choose. */
export interface Selectors {
  readonly route: Route;
  /** The series of a metric, with more matchers if needed. */
  readonly cells: (metric: MetricName, ...matchers: readonly string[]) => string;
  /**
   * The same with one series for each cell and value of these labels: where values linger, a cell that was recreated or upgraded
   * has two for a while, which must not be counted twice.
   */
  readonly each: (
    metric: MetricName,
    labels: readonly string[],
    ...matchers: readonly string[]
  ) => string;
  /** A `by` clause: one series a cell. */
  readonly by: string;
  /** An `on` clause: the same cell on both sides. */
  readonly on: string;
  /** Series of the cells that are there, whoever tells it. */
  readonly alive: string;
}

function within(route: Route, chosen: readonly string[]): Selectors {
  const { identity } = route;
  const cells: Selectors['cells'] = (metric, ...matchers) =>
    series(route, metric, [...chosen, ...matchers].join(','));
  return {
    route,
    cells,
    each: (metric, labels, ...matchers) =>
      `max by (${list([...identity, ...labels])}) (${cells(metric, ...matchers)})`,
    by: `by (${list(identity)})`,
    on: onCell(route),
    alive: aliveSeries(route, chosen),
  };
}

const foundation = ({ labels }: Route): readonly string[] => [
  `${labels.deployment}=~"$deployment"`,
  `${labels.group}=~"$group"`,
];

/** Of all cells of the chosen deployments and instance groups. */
export const ofFoundation = (route: Route): Selectors => within(route, foundation(route));

/** Of the chosen cell. */
export const ofOneCell = (route: Route): Selectors =>
  within(route, [...foundation(route), `${route.labels.cell}="$cell"`]);
