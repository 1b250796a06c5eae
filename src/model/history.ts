/** What the agent did in an hour, or in the part of one that it ran. */
export interface HourlySummary {
  /** RFC 3339 UTC, as `to`. */
  readonly from: string;
  readonly to: string;
  /** Empty where no pass could read it. */
  readonly bootId: string;
  /** That ended: `compared` and `failed` together. */
  readonly passes: number;
  readonly compared: number;
  readonly failed: number;
  /**
   * The longest time in which nothing was compared. One that began in the hour before counts as a
   * whole.
   */
  readonly longestGapSeconds: number;
  /** Of the last pass. */
  readonly containers: number;
  /** The most at once, drills and acknowledged ones not counted. */
  readonly findings: number;
  /** Of the last pass. */
  readonly acknowledged: number;
}

/** 31 days. The file has at most so many lines of about 230 bytes. */
export const MAX_HISTORY_HOURS = 744;

/** Beside the memory file. */
export const HISTORY_FILE = 'history.jsonl';

/** What the agent answers about its past. */
export interface HistoryAnswer {
  readonly schemaVersion: 1;
  readonly now: string;
  readonly bootedAt: string;
  /** Oldest first. */
  readonly hours: readonly HourlySummary[];
  /** Since the last of `hours`. */
  readonly running: HourlySummary;
}
