import type { AgentState } from '../../../src/model/agent-state.ts';
import { shownOf, METRICS, type Metric, type MetricLabel } from '../../../src/present/metrics.ts';
import { ROUTES, type Route } from '../routes.ts';
import { METRIC_NOTES, type MetricNote } from './metric-notes.ts';
import { METRICS_INTRODUCTION, METRICS_ROUTES } from './metrics-prose.ts';

export const METRICS_PAGE = 'docs/metrics.md';

/** docs/metrics.md: from the table that the agent emits its metrics by, so that the two cannot drift apart. */
export function metricsPage(): string {
  const sections = METRICS.map((metric) => section(metric, METRIC_NOTES[metric.name]));
  return `${[
    METRICS_INTRODUCTION,
    overview(),
    ...sections,
    METRICS_ROUTES,
    ...ROUTES.map(namesOn),
  ].join('\n\n')}\n`;
}

/** An agent before its first pass: it has every series that is always there, and no finding. */
const FRESH: AgentState = {
  version: '',
  startedAt: '',
  intervalSeconds: 15,
  report: null,
  passFailed: null,
  events: [],
  history: [],
  reconciles: { ok: 0, failed: 0 },
  mountsChanged: 0,
  lastReconcileSeconds: 0,
  maxSeries: 20,
};

function seriesCount({ samples }: Metric): string {
  const always = samples(shownOf(FRESH)).length;
  return always === 0 ? 'one a finding, at most `findings.maxSeries` (20)' : String(always);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const code = (text: string): string => `\`${text}\``;

const overview = (): string =>
  table(
    ['metric', 'type', 'labels', 'series a cell'],
    METRICS.map((metric: Metric) => [
      `[${code(metric.name)}](#${metric.name})`,
      metric.type,
      metric.labels.map(({ name }) => code(name)).join(', '),
      seriesCount(metric),
    ]),
  );

function section(metric: Metric, note: MetricNote): string {
  const zero = note.zero === null ? 'Never 0.' : `At 0: ${note.zero}`;
  const labels =
    metric.labels.length === 0
      ? []
      : [
          table(
            ['label', 'values'],
            metric.labels.map((label) => [code(label.name), valuesOf(label)]),
          ),
        ];
  const queries = note.queries.flatMap(({ question, prometheus, logCache }) => [
    `*${question}*`,
    [`    ${prometheus}`, ...(logCache === null ? [] : [`    cf query '${logCache}'`])].join('\n'),
  ]);
  return [
    `## ${metric.name}`,
    `A ${metric.type}. ${metric.help}`,
    zero,
    ...labels,
    ...queries,
  ].join('\n\n');
}

const valuesOf = ({ values }: MetricLabel): string =>
  typeof values === 'string' ? values : values.map(code).join(', ');

const namesOn = (route: Route): string =>
  [
    `### ${route.title[0]?.toUpperCase() ?? ''}${route.title.slice(1)}`,
    table(
      ['a cell', 'its deployment', 'instance group', 'index', 'address'],
      [
        [
          route.labels.cell,
          route.labels.deployment,
          route.labels.group,
          route.labels.index,
          route.labels.ip,
        ].map(code),
      ],
    ),
    table(
      ['on /metrics', 'there'],
      METRICS.map(({ name, type }) => [code(name), code(route.metric(name, type))]),
    ),
  ].join('\n\n');
