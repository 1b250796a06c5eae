import type { AgentState } from '../model/agent-state.ts';
import { REASONS, UNTRACKED_KINDS, type Status } from '../model/finding.ts';
import type { ContainerReport } from '../model/report.ts';
import { familyText, type Family, type Labels } from './metrics-format.ts';
import { listedByGarden } from './report-json.ts';

/** Everything that the agent tells Prometheus, in its text format. */
export function metricsText(state: AgentState): string {
  const shown = shownOf(state);
  return METRICS.map(({ name, type, help, samples }) =>
    familyText({ name, type, help, samples: samples(shown) }),
  ).join('');
}

/** What one name on /metrics is, and how its samples come from what the agent knows. */
export interface Metric {
  readonly name: string;
  readonly type: Family['type'];
  readonly help: string;
  readonly labels: readonly MetricLabel[];
  readonly samples: (shown: ShownFindings) => Family['samples'];
}

/** The values of a label where they are known beforehand, else what they are. */
export interface MetricLabel {
  readonly name: string;
  readonly values: readonly string[] | string;
}

const STATUSES: readonly Status[] = ['tracked', 'pending', 'untracked'];

const REASON: MetricLabel = { name: 'reason', values: REASONS };
const SEVERITY: MetricLabel = { name: 'severity', values: ['critical', 'warning'] };

const one = (value: number): Family['samples'] => [[{}, value]];

/**
 * Everything that the agent tells Prometheus. Counters are whole numbers, because prom_scraper drops others; no label name has
 * more than 32 characters, because a longer one breaks the connection it shares with others; no name ends as firehose_exporter's
 * container metrics do (`_cpu`, `_memory`, `_disk`), because it would rename it as one of them.
 */
export const METRICS = [
  {
    name: 'rollcall_build_info',
    type: 'gauge',
    help: 'Always 1; which rollcall this is, the cgroup mode of the cell, and the longest time between two passes.',
    labels: [
      { name: 'version', values: 'of rollcall' },
      { name: 'cgroup_mode', values: ['v1', 'hybrid', 'v2', 'none', 'unknown'] },
      { name: 'interval_seconds', values: '`reconcile.intervalSeconds` of the configuration' },
    ],
    samples: ({ state }) => [
      [
        {
          version: state.version,
          cgroup_mode: state.report?.cgroups.mode ?? 'unknown',
          interval_seconds: String(state.intervalSeconds),
        },
        1,
      ],
    ],
  },
  {
    name: 'rollcall_containers',
    type: 'gauge',
    help: 'Containers that Garden lists or the kernel runs, by status; a drill is counted.',
    labels: [{ name: 'status', values: STATUSES }],
    samples: ({ count }) =>
      STATUSES.map((status) => [{ status }, count((container) => container.status === status)]),
  },
  {
    name: 'rollcall_untracked',
    type: 'gauge',
    help: 'Untracked containers, by reason and severity; a drill is counted.',
    labels: [REASON, SEVERITY],
    samples: ({ count }) =>
      UNTRACKED_KINDS.map(([reason, severity]) => [
        { reason, severity },
        count(
          (container) =>
            container.status === 'untracked' &&
            container.reason === reason &&
            container.severity === severity,
        ),
      ]),
  },
  {
    name: 'rollcall_garden_listed',
    type: 'gauge',
    help: 'Handles in the last list of Garden that could be read.',
    labels: [],
    samples: ({ listed }) => one(listed),
  },
  {
    name: 'rollcall_garden_up',
    type: 'gauge',
    help: "1 if Garden's list could be read in the last pass.",
    labels: [],
    samples: ({ state }) => one(state.report?.garden.state === 'known' ? 1 : 0),
  },
  {
    name: 'rollcall_could_not_tell',
    type: 'gauge',
    help: '1 while nothing, or not everything, can be compared: then the other values are the last known ones.',
    labels: [],
    samples: ({ state }) =>
      one(state.report === null || state.report.unknownCause !== null ? 1 : 0),
  },
  {
    name: 'rollcall_last_reconcile_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the last pass ended, whether it could compare or not; 0 while none could be made since the start.',
    labels: [],
    samples: ({ state }) => one(state.lastReconcileSeconds),
  },
  {
    name: 'rollcall_reconcile_duration_seconds',
    type: 'gauge',
    help: 'How long the last pass took.',
    labels: [],
    samples: ({ state }) => one((state.report?.durationMilliseconds ?? 0) / 1000),
  },
  {
    name: 'rollcall_reconciles_total',
    type: 'counter',
    help: 'Looks since the agent started; failed: it could not compare.',
    labels: [{ name: 'result', values: ['ok', 'failed'] }],
    samples: ({ state: { reconciles } }) => [
      [{ result: 'ok' }, reconciles.ok],
      [{ result: 'failed' }, reconciles.failed],
    ],
  },
  {
    name: 'rollcall_mounts_changed_total',
    type: 'counter',
    help: 'How often the mount that shows a hierarchy became another one.',
    labels: [],
    samples: ({ state }) => one(state.mountsChanged),
  },
  {
    name: 'rollcall_untracked_omitted',
    type: 'gauge',
    help: 'Untracked containers that have no series of their own, because there are too many.',
    labels: [],
    samples: ({ omitted }) => one(omitted),
  },
  {
    name: 'rollcall_untracked_since_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time since which a container has been untracked; one series a finding, the worst and oldest first.',
    labels: [
      { name: 'handle', values: "Garden's name of the container" },
      { name: 'app_id', values: 'guid of the app; missing where it is unknown' },
      { name: 'space_id', values: 'guid of its space; missing where it is unknown' },
      REASON,
      SEVERITY,
      { name: 'drill', values: '`true` for a drill, else missing' },
      { name: 'source_id', values: ['rollcall-findings'] },
    ],
    samples: ({ findings }) =>
      findings.map((finding) => [findingLabels(finding), unixSeconds(finding.since)]),
  },
] as const satisfies readonly Metric[];

export type MetricName = (typeof METRICS)[number]['name'];

/** A state of the agent, as far as metrics ask for it. */
export interface ShownFindings {
  readonly state: AgentState;
  readonly count: (test: (container: ContainerReport) => boolean) => number;
  readonly listed: number;
  /** At most `findings.maxSeries` of them. */
  readonly findings: readonly ContainerReport[];
  readonly omitted: number;
}

export function shownOf(state: AgentState): ShownFindings {
  const { report, maxSeries } = state;
  const containers = report?.containers ?? [];
  const untracked = containers.filter(({ status }) => status === 'untracked').toSorted(shownFirst);
  const findings = untracked.slice(0, maxSeries);
  return {
    state,
    count: (test) => containers.filter(test).length,
    listed: report === null ? 0 : listedByGarden(report),
    findings,
    omitted: untracked.length - findings.length,
  };
}

/** A drill is never omitted, for it is what somebody waits for; then the critical ones, each time the oldest first. */
const shownFirst = (a: ContainerReport, b: ContainerReport): number =>
  Number(b.drill) - Number(a.drill) ||
  Number(b.severity === 'critical') - Number(a.severity === 'critical') ||
  unixSeconds(a.since) - unixSeconds(b.since) ||
  (a.handle < b.handle ? -1 : 1);

const findingLabels = ({ handle, app, reason, severity, drill }: ContainerReport): Labels => ({
  handle,
  ...known('app_id', app?.id),
  ...known('space_id', app?.spaceId),
  reason: reason ?? '',
  severity: severity ?? '',
  ...(drill ? { drill: 'true' } : {}),
  source_id: 'rollcall-findings',
});

/** A label without a value is none to Prometheus, and a tag of no use on the way there. */
const known = (label: string, value: string | null | undefined): Labels =>
  value === null || value === undefined ? {} : { [label]: value };

const unixSeconds = (since: string | null): number =>
  since === null ? 0 : Math.floor(Date.parse(since) / 1000);
