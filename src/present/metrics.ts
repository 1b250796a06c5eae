import { CRI_METHODS, CRI_RESULTS, type AgentState } from '../model/agent-state.ts';
import { WARNING_REASONS } from '../model/cell-warning.ts';
import { isOfCell, REASONS, STATUSES, UNTRACKED_KINDS, type Reason } from '../model/finding.ts';
import { JOB_KINDS, NO_LEFTOVERS } from '../model/ledger.ts';
import type { SensorObservation } from '../model/observation.ts';
import type { ContainerReport } from '../model/report.ts';
import { familyText, type Family, type Labels } from './metrics-format.ts';
import { listedByGarden } from './report-json.ts';

export function metricsText(state: AgentState): string {
  const shown = shownOf(state);
  return METRICS.map(({ name, type, help, samples }) =>
    familyText({ name, type, help, samples: samples(shown) }),
  ).join('');
}

/**
 * A name on /metrics: its samples, and its texts in docs/metrics.md. A cell ships those texts, too
 * (2 KB), so that a metric is one row.
 */
export interface Metric {
  readonly name: string;
  readonly type: Family['type'];
  readonly help: string;
  /** What 0 means; null if it is never 0. */
  readonly zero: string | null;
  /** Questions that need more than the name and a number, each with a PromQL query over the names on /metrics. */
  readonly queries: readonly (readonly [question: string, query: string])[];
  readonly labels: readonly MetricLabel[];
  readonly samples: (shown: ShownFindings) => Family['samples'];
}

/** The values of a label if they are known in advance, otherwise a description of them. */
export interface MetricLabel {
  readonly name: string;
  readonly values: readonly string[] | string;
}

const REASON: MetricLabel = { name: 'reason', values: REASONS };
const SEVERITY: MetricLabel = { name: 'severity', values: ['critical', 'warning'] };

/** What shows that a cell is alive has its own source id, because Log Cache keeps that longer. */
const HEARTBEAT = { source_id: 'rollcall-heartbeat' } as const;
const HEARTBEAT_LABEL: MetricLabel = { name: 'source_id', values: [HEARTBEAT.source_id] };
const SENSOR: MetricLabel = { name: 'sensor', values: '`name` of the entry in `sensors`' };

const one = (value: number): Family['samples'] => [[{}, value]];
const beat = (value: number): Family['samples'] => [[HEARTBEAT, value]];

type Row = Omit<Metric, 'name' | 'type' | 'labels' | 'queries'> &
  Partial<Pick<Metric, 'labels' | 'queries'>>;
const metric =
  <Type extends Metric['type']>(type: Type) =>
  <const Name extends string>(name: Name, row: Row) => ({
    name,
    type,
    labels: [],
    queries: [],
    ...row,
  });
const gauge = metric('gauge');
const counter = metric('counter');

/**
 * Counters are whole numbers, because prom_scraper drops others. A label name has at most 32
 * characters, because a longer one breaks the connection that it shares with others. No name ends
 * like firehose_exporter's container metrics (`_cpu`, `_memory`, `_disk`), because
 * firehose_exporter would rename it.
 */
export const METRICS = [
  gauge('rollcall_build_info', {
    help: 'Always 1. The labels give the version of rollcall, the cgroup mode of the cell, and the longest time between two passes.',
    zero: null,
    queries: [
      ['Which versions run, on how many cells?', 'count by (version) (rollcall_build_info)'],
    ],
    labels: [
      { name: 'version', values: 'of rollcall' },
      { name: 'cgroup_mode', values: ['v1', 'hybrid', 'v2', 'none', 'unknown'] },
      { name: 'interval_seconds', values: '`reconcile.intervalSeconds` of the configuration' },
      HEARTBEAT_LABEL,
    ],
    samples: ({ state }) => [
      [
        {
          version: state.version,
          cgroup_mode: state.report?.cgroups.mode ?? 'unknown',
          interval_seconds: String(state.intervalSeconds),
          ...HEARTBEAT,
        },
        1,
      ],
    ],
  }),
  gauge('rollcall_containers', {
    help: 'Containers that Garden lists or the kernel runs, by status. A drill counts.',
    zero: 'No container has this status. All three at 0: an empty cell, or no pass has completed yet.',
    labels: [{ name: 'status', values: STATUSES }, HEARTBEAT_LABEL],
    samples: ({ count }) =>
      STATUSES.map((status) => [
        { status, ...HEARTBEAT },
        count((container) => container.status === status),
      ]),
  }),
  gauge('rollcall_untracked', {
    help: 'Untracked containers, by reason and severity. A drill counts. `limit-lost` with severity `warning` counts tracked containers that run without their limits.',
    zero: 'The last pass that could compare found no container with this reason and severity. See `rollcall_could_not_tell`.',
    queries: [
      [
        'How many critical findings are there, and why?',
        'sum by (reason) (rollcall_untracked{severity="critical"}) > 0',
      ],
    ],
    labels: [REASON, SEVERITY],
    samples: ({ count, warned }) =>
      UNTRACKED_KINDS.map(([reason, severity]) => [
        { reason, severity },
        isOfCell(reason, severity)
          ? warned(reason)
          : count(
              (container) =>
                container.status === 'untracked' &&
                container.reason === reason &&
                container.severity === severity,
            ),
      ]),
  }),
  gauge('rollcall_leftovers', {
    help: 'Entries of a ledger that belong to no container, in three readings and for a minute; for ten minutes if they are addresses or policy entries. Empty cgroups count at once. Not a finding.',
    zero: 'Nothing is left over there. No series: readings of the last minutes (ten for addresses) could not tell.',
    labels: [{ name: 'ledger', values: ['cgroup', ...JOB_KINDS] }],
    samples: ({ state: { report } }) => {
      const leftovers = report?.ledgers.leftovers ?? NO_LEFTOVERS;
      return [
        [
          { ledger: 'cgroup' },
          (report?.leftoverCgroups.length ?? 0) + (report?.leftoverCgroupsOmitted ?? 0),
        ],
        ...JOB_KINDS.flatMap((ledger): Family['samples'] => {
          const count = leftovers[ledger];
          return count === null ? [] : [[{ ledger }, count]];
        }),
      ];
    },
  }),
  gauge('rollcall_cell_warning', {
    help: '1 while a warning about the cell lasts (`cell.warnings`), by reason.',
    zero: 'The last pass that could compare gave no such warning.',
    labels: [{ name: 'reason', values: WARNING_REASONS }],
    samples: ({ state }) =>
      WARNING_REASONS.map((reason) => [
        { reason },
        state.report?.cell.warnings.some((warning) => warning.reason === reason) === true ? 1 : 0,
      ]),
  }),
  gauge('rollcall_unaccounted_memory_bytes', {
    help: 'Memory of containers that Garden or Diego lost (unknown-to-garden, unowned) and that no rep counts: Diego considers it free. Absent if the kernel has no value.',
    zero: 'No such container is untracked.',
    samples: ({ state }) => {
      const unaccounted = state.report === null ? 0 : state.report.unaccounted.memoryBytes;
      return unaccounted === null ? [] : one(unaccounted);
    },
  }),
  gauge('rollcall_unaccounted_pids', {
    help: 'Processes of containers that Garden or Diego lost (unknown-to-garden, unowned) and that no rep counts.',
    zero: 'No such container is untracked.',
    samples: ({ state }) => one(state.report?.unaccounted.pids ?? 0),
  }),
  gauge('rollcall_undecided', {
    help: 'Containers that the last pass could not compare, because they hide themselves or Garden gives no properties. All others are compared.',
    zero: 'Every container was compared, or none could be: see `rollcall_could_not_tell`.',
    samples: ({ count }) => one(count(({ explanation }) => explanation.kind === 'undecided')),
  }),
  gauge('rollcall_garden_listed', {
    help: "Containers in the last version of Garden's list that could be read.",
    zero: "Garden's list is empty, or has never been read.",
    samples: ({ listed }) => one(listed),
  }),
  gauge('rollcall_garden_up', {
    help: "1 if Garden's list could be read in the last pass.",
    zero: 'The last pass could not read the list, or no pass has completed yet.',
    labels: [HEARTBEAT_LABEL],
    samples: ({ state }) => beat(state.report?.garden.state === 'known' ? 1 : 0),
  }),
  gauge('rollcall_could_not_tell', {
    help: '1 while the verdict is `unknown`. If nothing can be compared, the other metrics keep their last known values.',
    zero: 'The last pass compared the cell. See `rollcall_undecided` for single containers.',
    labels: [HEARTBEAT_LABEL],
    samples: ({ state }) => beat((state.report?.verdict ?? 'unknown') === 'unknown' ? 1 : 0),
  }),
  gauge('rollcall_last_reconcile_timestamp_seconds', {
    help: 'Unix time at which the last pass ended, whether or not it could compare.',
    zero: 'No pass has completed since the agent started.',
    queries: [
      [
        'How many seconds ago did the last pass of each cell end?',
        'time() - rollcall_last_reconcile_timestamp_seconds',
      ],
    ],
    labels: [HEARTBEAT_LABEL],
    samples: ({ state }) => beat(state.lastReconcileSeconds),
  }),
  gauge('rollcall_reconcile_duration_seconds', {
    help: 'Duration of the last pass.',
    zero: 'No pass has completed since the agent started.',
    queries: [
      [
        'Where are passes slow?',
        'topk(5, avg_over_time(rollcall_reconcile_duration_seconds[10m]))',
      ],
    ],
    samples: ({ state }) => one((state.report?.durationMilliseconds ?? 0) / 1000),
  }),
  counter('rollcall_reconciles_total', {
    help: 'Passes since the agent started. `failed`: nothing could be compared.',
    zero: 'There has been no such pass since the agent started.',
    queries: [
      [
        'What share of the passes could not compare anything?',
        'sum(rate(rollcall_reconciles_total{result="failed"}[10m])) / sum(rate(rollcall_reconciles_total[10m]))',
      ],
    ],
    labels: [{ name: 'result', values: ['ok', 'failed'] }],
    samples: ({ state: { reconciles } }) => [
      [{ result: 'ok' }, reconciles.ok],
      [{ result: 'failed' }, reconciles.failed],
    ],
  }),
  counter('rollcall_mounts_changed_total', {
    help: 'Changes of the mount that shows a hierarchy.',
    zero: 'There has been no change since the agent started.',
    queries: [
      [
        'Where did a mount change in the last hour?',
        'increase(rollcall_mounts_changed_total[1h]) > 0',
      ],
      ['And in the last ten minutes?', 'increase(rollcall_mounts_changed_total[10m]) > 0'],
    ],
    samples: ({ state }) => one(state.mountsChanged),
  }),
  counter('rollcall_names_requests_total', {
    help: "Requests on the names' socket since the agent started, by method of CRI and result; only with `names.cri`, and only those that came. `not-found`: no container has the id, or several have it. `refused`: not a request. `overloaded`: too many requests, or too many unread answers.",
    zero: null,
    queries: [
      [
        'On which cells does a sensor ask too much?',
        'increase(rollcall_names_requests_total{result="overloaded"}[10m]) > 0',
      ],
    ],
    labels: [
      { name: 'method', values: CRI_METHODS },
      { name: 'result', values: CRI_RESULTS },
    ],
    samples: ({ state: { namesRequests } }) =>
      (namesRequests ?? []).map(({ method, result, count }) => [{ method, result }, count]),
  }),
  gauge('rollcall_untracked_omitted', {
    help: 'Untracked containers without a series of their own, because there are too many.',
    zero: 'Every finding has a series of its own.',
    samples: ({ omitted }) => one(omitted),
  }),
  gauge('rollcall_untracked_since_timestamp_seconds', {
    help: 'Unix time since which a container has been untracked. One series for each finding.',
    zero: 'Does not occur: a finding that ended has no series.',
    queries: [
      [
        'Which containers are untracked, and for how many seconds?',
        'time() - rollcall_untracked_since_timestamp_seconds',
      ],
      [
        'Which findings does one app have?',
        'rollcall_untracked_since_timestamp_seconds{app_id="GUID"}',
      ],
    ],
    labels: [
      { name: 'handle', values: "Garden's name for the container" },
      { name: 'app_id', values: 'guid of the app; missing if unknown' },
      { name: 'space_id', values: 'guid of its space; missing if unknown' },
      REASON,
      SEVERITY,
      { name: 'drill', values: '`true` for a drill, otherwise missing' },
      { name: 'source_id', values: ['rollcall-findings'] },
    ],
    samples: ({ findings }) =>
      findings.map((finding) => [findingLabels(finding), unixSeconds(finding.since)]),
  }),
  gauge('rollcall_sensor_up', {
    help: '1 while the process of a configured sensor runs and its event file can be read.',
    zero: 'Its process ended, or its file cannot be read. A sensor that runs but writes nothing is up: see `rollcall_sensor_silent`.',
    labels: [SENSOR],
    samples: ({ observations }) =>
      observations.map(({ sensor, isUp }) => [{ sensor: sensor.name }, isUp ? 1 : 0]),
  }),
  gauge('rollcall_sensor_silent', {
    help: '1 if, for its grace period, a configured sensor has been down, or has written nothing although containers started.',
    zero: 'It writes, or nothing happened on the cell that it should have reported.',
    labels: [SENSOR],
    samples: ({ observations }) =>
      observations.map(({ sensor, isSilent }) => [{ sensor: sensor.name }, isSilent ? 1 : 0]),
  }),
  gauge('rollcall_sensor_containers', {
    help: 'Running containers, by whether the event file of a configured sensor names them.',
    zero: 'No container is in this state. `unseen` counts only containers that the sensor provably missed: see `rollcall_sensor_up`.',
    labels: [SENSOR, { name: 'state', values: ['seen', 'unseen', 'expected_unseen'] }],
    samples: ({ observations }) =>
      observations.flatMap(({ sensor: { name: sensor }, seen, unseen, expectedUnseen }) => [
        [{ sensor, state: 'seen' }, seen] as const,
        [{ sensor, state: 'unseen' }, unseen.length] as const,
        [{ sensor, state: 'expected_unseen' }, expectedUnseen] as const,
      ]),
  }),
] as const;

export type MetricName = (typeof METRICS)[number]['name'];

/** Findings of a cell that have a series of their own: Log Cache has room for few. */
export const MAX_FINDING_SERIES = 20;

export interface ShownFindings {
  readonly state: AgentState;
  readonly count: (test: (container: ContainerReport) => boolean) => number;
  /** How many containers a warning about the cell counts. */
  readonly warned: (reason: Reason) => number;
  readonly listed: number;
  /** The findings that have a series of their own. */
  readonly findings: readonly ContainerReport[];
  readonly omitted: number;
  readonly observations: readonly SensorObservation[];
}

export function shownOf(state: AgentState): ShownFindings {
  const { report } = state;
  const containers = report?.containers ?? [];
  const untracked = containers.filter(({ status }) => status === 'untracked').toSorted(shownFirst);
  const lost = report?.cell.warnings.find((warning) => warning.reason === 'limit-lost');
  return {
    state,
    count: (test) => containers.filter(test).length,
    warned: (reason) => (lost?.reason === reason ? lost.containers : 0),
    listed: report === null ? 0 : listedByGarden(report),
    findings: untracked.slice(0, MAX_FINDING_SERIES),
    omitted: untracked.slice(MAX_FINDING_SERIES).length,
    observations: report?.observations ?? [],
  };
}

/**
 * A drill first, because one without a series could not be distinguished from a finding; then
 * critical findings; oldest first.
 */
const shownFirst = (a: ContainerReport, b: ContainerReport): number =>
  Number(b.drill) - Number(a.drill) ||
  Number(b.severity === 'critical') - Number(a.severity === 'critical') ||
  unixSeconds(a.since) - unixSeconds(b.since) ||
  (a.handle < b.handle ? -1 : 1);

const findingLabels = (finding: ContainerReport): Labels => {
  const { handle, app, reason, severity, drill } = finding;
  return {
    handle,
    ...known('app_id', app?.id),
    ...known('space_id', app?.spaceId),
    reason: reason ?? '',
    severity: severity ?? '',
    ...(drill ? { drill: 'true' } : {}),
    source_id: 'rollcall-findings',
  };
};

/** To Prometheus a label without a value does not exist, and elsewhere it is a useless tag. */
const known = (label: string, value: string | null | undefined): Labels =>
  value === null || value === undefined ? {} : { [label]: value };

const unixSeconds = (since: string | null): number =>
  since === null ? 0 : Math.floor(Date.parse(since) / 1000);
