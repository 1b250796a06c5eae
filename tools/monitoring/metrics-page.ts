import { firstState } from '../../src/agent/state.ts';
import { fileWith } from '../generated-part.ts';
import { code, item, markdownTable, paragraph } from '../markdown.ts';
import { METRICS_ROUTES } from './metrics-routes.ts';
import {
  MAX_FINDING_SERIES,
  METRICS,
  shownOf,
  type Metric,
  type MetricLabel,
} from '../../src/present/metrics.ts';

export const METRICS_PAGE = 'docs/metrics.md';

/** docs/metrics.md, from the table with which the agent emits its metrics; the rest is written by hand. */
export const metricsPage = (): string =>
  fileWith(METRICS_PAGE, {
    'src/present/metrics.ts': [overview(), ...METRICS.map(section)].join('\n\n'),
    'tools/monitoring/metrics-routes.ts': cellLabels(),
  });

/** An agent before its first pass: it has every permanent series and no findings. */
const FRESH = firstState({
  version: '',
  startedAt: '',
  intervalSeconds: 15,
  runbookUrl: null,
});

function seriesCount({ name, samples }: Metric): string {
  if (name.startsWith('rollcall_sensor_')) return 'one per configured sensor (and state)';
  const always = samples(shownOf(FRESH)).length;
  return always === 0 ? `one per finding, at most ${MAX_FINDING_SERIES}` : String(always);
}

const overview = (): string =>
  markdownTable(
    ['metric', 'type', 'series per cell'],
    METRICS.map((metric: Metric) => [
      `[${code(metric.name)}](#${metric.name})`,
      metric.type,
      seriesCount(metric),
    ]),
  );

function section(metric: Metric): string {
  const zero = metric.zero === null ? 'Never 0.' : `At 0: ${metric.zero}`;
  const labels = metric.labels.map((label) => item(`${code(label.name)}: ${valuesOf(label)}`));
  const queries = metric.queries.flatMap(([question, query]) => {
    const logCache = logCacheQuery(metric, query);
    return [
      `*${question}*`,
      [`    ${query}`, ...(logCache === null ? [] : [`    cf query '${logCache}'`])].join('\n'),
    ];
  });
  return [
    `## ${metric.name}`,
    paragraph(`A ${metric.type}. ${metric.help} ${zero}`),
    ...(labels.length === 0 ? [] : [labels.join('\n')]),
    ...queries,
  ].join('\n\n');
}

/**
 * The query with a `source_id` in each selector; null if its range is hours, because Log Cache
 * holds only minutes on a large foundation.
 */
export function logCacheQuery({ labels }: Metric, query: string): string | null {
  if (/\[\d+h\]/.test(query)) return null;
  const own = labels.find(({ name }) => name === 'source_id')?.values ?? 'rollcall';
  return query.replaceAll(
    /(rollcall_\w+)(\{?)/g,
    (_, name: string, brace: string) =>
      `${name}{source_id="${own.toString()}"${brace === '' ? '}' : ','}`,
  );
}

const valuesOf = ({ values }: MetricLabel): string =>
  typeof values === 'string' ? values : values.map(code).join(', ');

const cellLabels = (): string =>
  markdownTable(
    ['route', 'a cell', 'its foundation', 'its deployment', 'instance group', 'index', 'address'],
    METRICS_ROUTES.map(({ title, labels }) => [title, ...Object.values(labels).map(code)]),
  );
