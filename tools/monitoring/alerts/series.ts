import { isOfCell, REASONS, type Severity } from '../../../src/model/finding.ts';
import type { MetricsRoute } from '../metrics-routes.ts';
import { METRICS, type MetricName } from '../../../src/present/metrics.ts';

/** Unix time of the end of the last pass; 0 before the first. */
export const LAST_PASS = 'rollcall_last_reconcile_timestamp_seconds';

/** The selector of a metric on a metrics route; `matchers` is without braces. */
export function series(route: MetricsRoute, name: MetricName, matchers = ''): string {
  const type = METRICS.find((metric) => metric.name === name)?.type ?? 'gauge';
  return `${route.metric(name, type)}${matchers === '' ? '' : `{${matchers}}`}`;
}

/** Matchers without the reasons that count tracked containers: with this severity they are about the cell. */
export const ofContainers = (severity: Severity): readonly string[] => [
  `severity="${severity}"`,
  ...REASONS.filter((reason) => isOfCell(reason, severity)).map((reason) => `reason!="${reason}"`),
];

export const list = (labels: readonly string[]): string => labels.join(', ');
export const onCell = (route: MetricsRoute): string => `on (${list(route.identity)})`;

/** One element per cell and value of `more`, whatever other labels the series have. */
export const perCell = (
  route: MetricsRoute,
  expression: string,
  { how = 'max', more = [] }: { how?: 'max' | 'min'; more?: readonly string[] } = {},
): string => `${how} by (${list([...route.identity, ...more])}) (${expression})`;
