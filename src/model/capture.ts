import type { Snapshot } from './snapshot.ts';

export const CAPTURE_SCHEMA_VERSION = 1;

/** The inputs of one check, saved so that the same decision can be made again elsewhere. */
export interface Capture {
  readonly schemaVersion: typeof CAPTURE_SCHEMA_VERSION;
  readonly rollcallVersion: string;
  readonly capturedAt: string;
  readonly settleMilliseconds: number;
  /** Oldest first, at least one. */
  readonly looks: readonly Snapshot[];
}
