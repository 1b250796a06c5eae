import type { ExceededLimit } from './finding.ts';
import type { Handle } from './ids.ts';

/** Containers run without their limits. */
export interface LimitsLost {
  readonly reason: 'limit-lost';
  readonly containers: number;
  /** The container that holds most, relative to its limit. */
  readonly worst: Handle;
  readonly holds: ExceededLimit;
}

/** Containers that somebody made through Garden's socket without giving them an owner. */
export interface WithoutOwner {
  readonly reason: 'no-owner';
  readonly containers: number;
  readonly worst: Handle;
}

/** A warning that the comparison of a pass gave. */
export type ComparedWarning = LimitsLost | WithoutOwner;

/** A problem of the cell rather than of one container; it does not change the verdict. */
export type CellWarning = ComparedWarning | { readonly reason: 'hanging-reads' };

export type WarningReason = CellWarning['reason'];

/**
 * How long a warning must be absent before it ends in the log: a container may be throttled and
 * released every 15 s, and the log reports only the first time.
 */
const QUIET: Readonly<Record<WarningReason, number>> = {
  'limit-lost': 10 * 60_000,
  'no-owner': 0,
  'hanging-reads': 0,
};

const isWarningReason = (key: string): key is WarningReason => Object.hasOwn(QUIET, key);
export const WARNING_REASONS: readonly WarningReason[] = Object.keys(QUIET).filter(isWarningReason);

/** In milliseconds. */
export const quietOf = (reason: WarningReason): number => QUIET[reason];
