import type { MetricName } from '../../src/present/metrics.ts';

/** What docs/metrics.md says of a metric besides the agent's own help text. */
export interface MetricNote {
  /** What 0 means; null where it is never 0. */
  readonly zero: string | null;
  readonly queries: readonly MetricQuery[];
}

/** A question of an operator, as a query. */
interface MetricQuery {
  readonly question: string;
  /** PromQL over the names of /metrics. */
  readonly prometheus: string;
  /** For `cf query`; null where Log Cache cannot answer. */
  readonly logCache: string | null;
}

export const METRIC_NOTES: Readonly<Record<MetricName, MetricNote>> = {
  rollcall_build_info: {
    zero: null,
    queries: [
      {
        question: 'Which versions run, on how many cells?',
        prometheus: 'count by (version) (rollcall_build_info)',
        logCache: 'count by (version) (rollcall_build_info{source_id="rollcall"})',
      },
    ],
  },
  rollcall_containers: {
    zero: 'No container has this status. All three at 0: an empty cell, or no pass yet.',
    queries: [
      {
        question: 'How many containers have which status?',
        prometheus: 'sum by (status) (rollcall_containers)',
        logCache: 'sum by (status) (rollcall_containers{source_id="rollcall"})',
      },
    ],
  },
  rollcall_untracked: {
    zero: 'Nothing is untracked for this reason, as far as the last pass that could compare tells. See `rollcall_could_not_tell`.',
    queries: [
      {
        question: 'How many critical findings are there, and why?',
        prometheus: 'sum by (reason) (rollcall_untracked{severity="critical"}) > 0',
        logCache:
          'sum by (reason) (rollcall_untracked{source_id="rollcall",severity="critical"}) > 0',
      },
    ],
  },
  rollcall_garden_listed: {
    zero: "Garden's list is empty, or was never read.",
    queries: [
      {
        question: 'Which cells are fullest?',
        prometheus: 'topk(5, rollcall_garden_listed)',
        logCache: 'topk(5, rollcall_garden_listed{source_id="rollcall"})',
      },
    ],
  },
  rollcall_garden_up: {
    zero: 'The list could not be read in the last pass, or there was no pass yet.',
    queries: [
      {
        question: 'Where is Garden away?',
        prometheus: 'rollcall_garden_up == 0',
        logCache: 'rollcall_garden_up{source_id="rollcall"} == 0',
      },
    ],
  },
  rollcall_could_not_tell: {
    zero: 'All could be compared: the other values are those of the last pass.',
    queries: [
      {
        question: 'Of which cells is nothing, or not all, known?',
        prometheus: 'rollcall_could_not_tell == 1',
        logCache: 'rollcall_could_not_tell{source_id="rollcall"} == 1',
      },
    ],
  },
  rollcall_last_reconcile_timestamp_seconds: {
    zero: 'The first pass has not ended yet, or none could be made since the agent started.',
    queries: [
      {
        question: 'How many seconds ago did each cell look?',
        prometheus: 'time() - rollcall_last_reconcile_timestamp_seconds',
        logCache: 'time() - rollcall_last_reconcile_timestamp_seconds{source_id="rollcall"}',
      },
    ],
  },
  rollcall_reconcile_duration_seconds: {
    zero: 'There was no pass yet.',
    queries: [
      {
        question: 'Where is a pass slow?',
        prometheus: 'topk(5, avg_over_time(rollcall_reconcile_duration_seconds[10m]))',
        logCache:
          'topk(5, avg_over_time(rollcall_reconcile_duration_seconds{source_id="rollcall"}[10m]))',
      },
    ],
  },
  rollcall_reconciles_total: {
    zero: 'None since the agent started.',
    queries: [
      {
        question: 'Which part of the passes could not compare?',
        prometheus:
          'sum(rate(rollcall_reconciles_total{result="failed"}[15m])) / sum(rate(rollcall_reconciles_total[15m]))',
        logCache:
          'sum(rate(rollcall_reconciles_total{source_id="rollcall",result="failed"}[10m])) / sum(rate(rollcall_reconciles_total{source_id="rollcall"}[10m]))',
      },
    ],
  },
  rollcall_mounts_changed_total: {
    zero: 'Every hierarchy is shown by the mount that showed it when the agent started.',
    queries: [
      {
        question: 'Where did a mount change in the last hour?',
        prometheus: 'increase(rollcall_mounts_changed_total[1h]) > 0',
        // On a large foundation Log Cache keeps minutes.
        logCache: null,
      },
      {
        question: 'And in the last ten minutes?',
        prometheus: 'increase(rollcall_mounts_changed_total[10m]) > 0',
        logCache: 'increase(rollcall_mounts_changed_total{source_id="rollcall"}[10m]) > 0',
      },
    ],
  },
  rollcall_untracked_omitted: {
    zero: 'Each finding has a series of its own.',
    queries: [
      {
        question: 'Where are more findings than series?',
        prometheus: 'rollcall_untracked_omitted > 0',
        logCache: 'rollcall_untracked_omitted{source_id="rollcall"} > 0',
      },
    ],
  },
  rollcall_untracked_since_timestamp_seconds: {
    zero: 'Does not happen: a finding that is over has no series.',
    queries: [
      {
        question: 'Which containers are untracked, and for how many seconds?',
        prometheus: 'time() - rollcall_untracked_since_timestamp_seconds',
        logCache:
          'time() - rollcall_untracked_since_timestamp_seconds{source_id="rollcall-findings"}',
      },
      {
        question: 'Which findings has one app?',
        prometheus: 'rollcall_untracked_since_timestamp_seconds{app_id="GUID"}',
        logCache:
          'rollcall_untracked_since_timestamp_seconds{source_id="rollcall-findings",app_id="GUID"}',
      },
    ],
  },
};
