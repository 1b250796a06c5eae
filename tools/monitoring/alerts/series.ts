import type { MetricName } from '../../../src/present/metrics.ts';
import { identityOf, seriesName, type MetricsRoute } from '../metrics-routes.ts';

/** Unix time of the end of the last pass; 0 before the first. */
export const LAST_PASS = 'rollcall_last_reconcile_timestamp_seconds';

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
