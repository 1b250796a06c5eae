import type { CellIdentity } from './cell-identity.ts';
import type { HourlySummary } from './history.ts';
import type { Verdict } from './report.ts';

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
