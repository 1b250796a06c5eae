import { METRICS, type MetricName } from '../../src/present/metrics.ts';

/**
 * A metrics route: how the agent's metrics reach an operator's Prometheus, and how that changes
 * their names and labels. Alerts are written once, and name series only through a route. The
 * dashboard is that of the direct route, and is renamed for the others.
 */
export interface MetricsRoute {
  readonly id: 'direct' | 'firehose' | 'healthwatch';
  readonly title: string;
  /** The name of a series in that Prometheus, given its name on /metrics. */
  readonly metric: (name: string, kind: 'gauge' | 'counter') => string;
  readonly labels: CellLabels;
  /** Whether a series outlives its end on the cell (in firehose_exporter by 10 minutes). */
  readonly lingers: boolean;
  /** Shows that the cell itself exists, whatever its agent does. */
  readonly cellAlive: CellAlive;
}

interface CellLabels {
  /** The one label by which a person recognises the cell. */
  readonly cell: string;
  /** Distinguishes foundations whose deployments may have the same name. */
  readonly foundation: string;
  readonly deployment: string;
  readonly group: string;
  readonly index: string;
  readonly ip: string;
}

type CellAlive =
  /** Prometheus scrapes each cell and has `up` for each target of service discovery. */
  | { readonly kind: 'up'; readonly scrapeJob: string }
  /** A series that another job on each cell emits, with the same labels. */
  | { readonly kind: 'neighbour'; readonly series: string };

const BOSH_LABELS = {
  // The name in bosh-prometheus, whose exporters set it in their own configuration.
  foundation: 'environment',
  deployment: 'bosh_deployment',
  group: 'bosh_job_name',
  index: 'bosh_job_id',
  ip: 'bosh_job_ip',
} as const;

/**
 * Prometheus, or its agent on the cell, scrapes /metrics. The scrape job must be named `rollcall`;
 * service discovery or `labels` in the scrape configuration may add environment, bosh_deployment,
 * bosh_job_name, bosh_job_id and bosh_job_ip.
 */
export const DIRECT: MetricsRoute = {
  id: 'direct',
  title: 'scraped directly',
  metric: (name) => name,
  labels: { cell: 'instance', ...BOSH_LABELS },
  lingers: false,
  cellAlive: { kind: 'up', scrapeJob: 'rollcall' },
};

/**
 * prom_scraper, Loggregator and firehose_exporter in its default (retro) mode:
 * metricmaker/compat.go puts kind and origin before the name and appends `_total` to a counter,
 * transform/normalize_name.go converts it to snake case (ours is already),
 * metricmaker/converters.go copies deployment, job, index and ip to bosh_* labels. Other labels
 * stay; a gauge gets an empty `unit`.
 */
export const FIREHOSE: MetricsRoute = {
  id: 'firehose',
  title: 'firehose_exporter in retro mode',
  metric: (name, kind) =>
    kind === 'counter'
      ? `firehose_counter_event_rollcall_${name}_total`
      : `firehose_value_metric_rollcall_${name}`,
  labels: { cell: 'bosh_job_id', ...BOSH_LABELS },
  lingers: true,
  cellAlive: { kind: 'neighbour', series: 'firehose_value_metric_rep_capacity_total_memory' },
};

/**
 * Healthwatch 2 with its exporter for TAS. Not tried: its documentation has no rule
 * for the metrics of other releases. The assumption is plain names, and the tags of the forwarder
 * agent as labels, with `job` as `exported_job`, because a scrape has a label `job` of its own. On
 * TAS the agent adds the system domain, which identifies the foundation.
 */
const HEALTHWATCH: MetricsRoute = {
  id: 'healthwatch',
  title: 'Healthwatch (not tried)',
  metric: (name) => name,
  labels: {
    cell: 'index',
    foundation: 'system_domain',
    deployment: 'deployment',
    group: 'exported_job',
    index: 'index',
    ip: 'ip',
  },
  lingers: true,
  cellAlive: { kind: 'neighbour', series: 'CapacityTotalMemory' },
};

export const METRICS_ROUTES: readonly MetricsRoute[] = [DIRECT, FIREHOSE, HEALTHWATCH];

/** The name of a route's generated files, without extension; the direct one's is plain. */
export const fileNameOf = ({ id }: MetricsRoute): string =>
  id === 'direct' ? 'rollcall' : `rollcall.${id}`;

/**
 * The labels that identify a cell and survive its recreation. The address is not among them: a cell
 * recreated at another address would count twice.
 */
export const identityOf = (route: MetricsRoute): readonly string[] => {
  const { group, index, cell } = route.labels;
  return [...new Set([...deploymentIdentityOf(route), group, index, cell])];
};

/** The labels that identify a cell's deployment. */
export const deploymentIdentityOf = ({ labels }: MetricsRoute): readonly string[] => [
  labels.foundation,
  labels.deployment,
];

/** What a series of /metrics is called on a route. */
export const seriesName = (route: MetricsRoute, name: MetricName): string =>
  route.metric(name, METRICS.find((metric) => metric.name === name)?.type ?? 'gauge');

/** What a series or a label of the direct route is called on another one. */
export const namesOn = (route: MetricsRoute): ReadonlyMap<string, string> =>
  new Map([
    ...METRICS.map(({ name }) => [name, seriesName(route, name)] as const),
    [DIRECT.labels.cell, route.labels.cell],
    [DIRECT.labels.foundation, route.labels.foundation],
    [DIRECT.labels.deployment, route.labels.deployment],
    [DIRECT.labels.group, route.labels.group],
    [DIRECT.labels.index, route.labels.index],
    [DIRECT.labels.ip, route.labels.ip],
  ]);

/** The series that show that a cell exists. */
export const aliveSeries = ({ cellAlive }: MetricsRoute): string =>
  cellAlive.kind === 'up' ? `up{job="${cellAlive.scrapeJob}"}` : cellAlive.series;
