import type { Status } from './finding.ts';

/** Why a finding does not count, and until when. */
export interface Acknowledgement {
  /** RFC 3339 UTC. */
  readonly until: string;
  readonly reason: string;
  /** What its client calls itself, which nothing verifies; null: the configuration. */
  readonly by: string | null;
}

/** Whether it counts: for the verdict, the summary, the metrics and their alerts. */
export const countsAsUntracked = ({
  status,
  acknowledged,
}: {
  readonly status: Status;
  readonly acknowledged: Acknowledgement | null;
}): boolean => status === 'untracked' && acknowledged === null;
