import type { AgentEvent } from './event.ts';
import type { Report } from './report.ts';

/** One pass in the history that the page draws. */
export interface HistoryPoint {
  readonly at: string;
  readonly tracked: number;
  readonly pending: number;
  readonly untracked: number;
  readonly isUnknown: boolean;
}

/** Everything that any view of the agent shows; replaced as a whole after each pass. */
export interface AgentState {
  readonly version: string;
  readonly startedAt: string;
  readonly intervalSeconds: number;
  /** Null until a pass has ended that could be made. */
  readonly report: Report | null;
  /** Why there is no report yet although a pass has ended; null: none has ended, or there is one. */
  readonly passFailed: string | null;
  /** Newest first, at most 1,000. */
  readonly events: readonly AgentEvent[];
  /** Oldest first, the last hour, at most 240 points. */
  readonly history: readonly HistoryPoint[];
  readonly reconciles: { readonly ok: number; readonly failed: number };
  readonly mountsChanged: number;
  /**
   * Unix time in seconds of the last pass that ended, compared or not. 0 while there is no report: who reads it as "has looked"
   * would take the findings that no series shows for ended.
   */
  readonly lastReconcileSeconds: number;
  readonly maxSeries: number;
}
