import type { CellIdentity } from './cell-identity.ts';
import type { Verdict } from './report.ts';

/** What the agent did in an hour, or in the part of it in which it ran. */
export interface HourlySummary {
  /** RFC 3339 UTC, like `to`. */
  readonly from: string;
  readonly to: string;
  /** Empty if no pass could read it. */
  readonly bootId: string;
  /** Those that ended: the sum of `compared` and `failed`. */
  readonly passes: number;
  readonly compared: number;
  readonly failed: number;
  /**
   * The longest time in which nothing was compared. One that began in the hour before counts in
   * full.
   */
  readonly longestGapSeconds: number;
  /** Of the last pass. */
  readonly containers: number;
  /** The most at the same time, without drills and acknowledged ones. */
  readonly findings: number;
  /** Of the last pass. */
  readonly acknowledged: number;
}

/** 31 days. The file has at most this many lines of about 230 bytes. */
export const MAX_HISTORY_HOURS = 744;

/** The file lies beside the memory file. */
export const HISTORY_FILE = 'history.jsonl';

/** The agent's answer about its past. */
export interface HistoryAnswer {
  readonly schemaVersion: 1;
  readonly now: string;
  readonly bootedAt: string;
  /** Oldest first. */
  readonly hours: readonly HourlySummary[];
  /** Since the last of `hours`. */
  readonly running: HourlySummary;
}

/**
 * Why a period has no summary. `no-agent`: none ran, or it was killed before it could write one.
 */
export type GapCause = 'no-agent' | 'rebooted' | 'before-history';

export type HistoryPeriod =
  | ({ readonly kind: 'summary'; readonly isRunning: boolean } & HourlySummary)
  | {
      readonly kind: 'gap';
      readonly from: string;
      readonly to: string;
      readonly seconds: number;
      readonly cause: GapCause;
    };

/** What an agent did since a given time, as in the JSON. */
export interface HistoryView {
  readonly schemaVersion: 1;
  readonly cell: CellIdentity | null;
  readonly since: string;
  readonly until: string;
  /** Of the last pass. */
  readonly verdict: Verdict;
  readonly why: string;
  /** Oldest first. */
  readonly periods: readonly HistoryPeriod[];
  readonly totals: {
    readonly passes: number;
    readonly compared: number;
    readonly failed: number;
    /** Between two passes that compared, while an agent ran. */
    readonly longestGapSeconds: number;
    readonly gaps: number;
    readonly gapSeconds: number;
    readonly mostFindings: number;
  };
}
