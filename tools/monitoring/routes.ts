/**
 * The ways that the agent's metrics take to an operator's Prometheus, and what each makes of their names and labels. Alerts and
 * dashboards are written once and name a series through a Route only.
 */
export interface Route {
  readonly id: 'direct' | 'firehose' | 'healthwatch';
  readonly title: string;
  /** The name of a series there, given its name on /metrics. */
  readonly metric: (name: string, kind: 'gauge' | 'counter') => string;
  readonly labels: CellLabels;
  /**
   * Labels that say which cell it is and stay the same when it is recreated. No address is among them where there is another
   * way: a recreated cell may get another one, and would be counted twice.
   */
  readonly identity: readonly string[];
  /** Labels that say which deployment a cell is of. */
  readonly deploymentIdentity: readonly string[];
  /** A series that is gone on the cell is still shown for a while (firehose_exporter: 10 minutes). */
  readonly lingers: boolean;
  /** Tells that the cell itself is there, whatever its agent does. */
  readonly cellAlive: CellAlive;
}

interface CellLabels {
  /** The one label that names the cell to a person. */
  readonly cell: string;
  readonly deployment: string;
  readonly group: string;
  readonly index: string;
  readonly ip: string;
}

type CellAlive =
  /** Prometheus asks each cell itself: `up` is there for each target that its service discovery knows. */
  | { readonly kind: 'up'; readonly scrapeJob: string }
  /** A series of another job of each cell, with the same labels. */
  | { readonly kind: 'neighbour'; readonly series: string };

const BOSH_LABELS = {
  deployment: 'bosh_deployment',
  group: 'bosh_job_name',
  index: 'bosh_job_id',
  ip: 'bosh_job_ip',
} as const;

/**
 * Prometheus, or an agent of it on the cell, asks /metrics itself. The scrape job must be called `rollcall`; service discovery or
 * `labels` of the scrape configuration add bosh_deployment, bosh_job_name, bosh_job_id and bosh_job_ip, which may be missing.
 */
export const DIRECT: Route = {
  id: 'direct',
  title: 'scraped directly',
  metric: (name) => name,
  labels: { cell: 'instance', ...BOSH_LABELS },
  identity: ['instance', 'bosh_deployment', 'bosh_job_name', 'bosh_job_id'],
  deploymentIdentity: ['bosh_deployment'],
  lingers: false,
  cellAlive: { kind: 'up', scrapeJob: 'rollcall' },
};

/**
 * prom_scraper, Loggregator and firehose_exporter in its default (retro) mode: metricmaker/compat.go puts kind and origin before
 * the name and `_total` behind a counter, transform/normalize_name.go makes it snake case (which ours is), metricmaker/converters.go
 * copies deployment, job, index and ip to bosh_* labels. All other labels stay; a gauge gets `unit`, which is empty.
 */
export const FIREHOSE: Route = {
  id: 'firehose',
  title: 'firehose_exporter in retro mode',
  metric: (name, kind) =>
    kind === 'counter'
      ? `firehose_counter_event_rollcall_${name}_total`
      : `firehose_value_metric_rollcall_${name}`,
  labels: { cell: 'bosh_job_id', ...BOSH_LABELS },
  identity: ['environment', 'bosh_deployment', 'bosh_job_name', 'bosh_job_id'],
  deploymentIdentity: ['environment', 'bosh_deployment'],
  lingers: true,
  cellAlive: { kind: 'neighbour', series: 'firehose_value_metric_rep_capacity_total_memory' },
};

/**
 * Healthwatch 2 with its exporter for TAS. Not verified on a foundation: its documents name no rule for the metrics of others. The
 * names are taken to be the plain ones, the labels the tags that the forwarder agent adds; its documents show the tag `job` as
 * `exported_job`, because a scrape has a label `job` of its own.
 */
const HEALTHWATCH: Route = {
  id: 'healthwatch',
  title: 'Healthwatch (not verified)',
  metric: (name) => name,
  labels: {
    cell: 'index',
    deployment: 'deployment',
    group: 'exported_job',
    index: 'index',
    ip: 'ip',
  },
  identity: ['deployment', 'exported_job', 'index'],
  deploymentIdentity: ['deployment'],
  lingers: true,
  cellAlive: { kind: 'neighbour', series: 'CapacityTotalMemory' },
};

export const ROUTES: readonly Route[] = [DIRECT, FIREHOSE, HEALTHWATCH];

/** How generated files are called, without an ending: the direct route has the plain name, because it is the one to begin with. */
export const fileNameOf = ({ id }: Route): string =>
  id === 'direct' ? 'rollcall' : `rollcall.${id}`;

/** The series by which a cell is told to be there, among those that the matchers choose. */
export function aliveSeries({ cellAlive }: Route, matchers: readonly string[] = []): string {
  if (cellAlive.kind === 'up')
    return `up{${[`job="${cellAlive.scrapeJob}"`, ...matchers].join(',')}}`;
  return matchers.length === 0 ? cellAlive.series : `${cellAlive.series}{${matchers.join(',')}}`;
}
