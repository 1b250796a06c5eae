import type { CgroupFile } from './cgroup-numbers.ts';
import type { DestroyEvidence } from './destroy.ts';
import type { ExceededLimit } from './finding.ts';
import type { ByteString, Handle } from './ids.ts';

/** Containers run without their limits. */
export interface LimitsLost {
  readonly reason: 'limit-lost';
  readonly containers: number;
  /** The container that holds most, relative to its limit. */
  readonly worst: Handle;
  /** Null if no container lost a limit of memory or pids. */
  readonly holds: ExceededLimit | null;
  /** The files of the limits that any of them lost. */
  readonly limits: readonly CgroupFile[];
}

/** Containers that somebody made through Garden's socket without giving them an owner. */
export interface WithoutOwner {
  readonly reason: 'no-owner';
  readonly containers: number;
  readonly worst: Handle;
}

/** Containers that Garden has been creating for minutes, and in which only garden-init runs. */
export interface Unfinished {
  readonly reason: 'unfinished';
  readonly containers: number;
  /** The oldest. */
  readonly worst: Handle;
  /** When its garden-init started, and when this was seen, RFC 3339. */
  readonly startedAt: string;
  readonly seenAt: string;
  /** What keeps gdn from finishing the oldest; null: not known yet. */
  readonly evidence: DestroyEvidence | null;
}

/** A rep was seen and none runs any more, while containers of apps and tasks do. */
export type WithoutRep = { readonly reason: 'no-rep'; readonly containers: number };

/** Containers of apps that silk's policy store lacks. */
export interface Unpoliced {
  readonly reason: 'unpoliced';
  readonly containers: number;
  readonly worst: Handle;
}

/** What this process no longer reads, or this pass could not read. */
export interface Unread {
  readonly reason: 'renamed-cgroups' | 'too-many-cgroups' | 'too-many-names';
}

/** Reads keep their reader in the kernel. */
export interface HangingReads {
  readonly reason: 'hanging-reads';
  /** The file whose reads hang, so that no cgroup is read; null: reads of command lines hang. */
  readonly file: ByteString | null;
}

/** More processes look as if they had left their containers than a pass keeps. */
export interface CutSweep {
  readonly reason: 'cut-sweep';
  /** How many processes are left out. */
  readonly processes: number;
  /** The container in whose cgroup most of them are; null: they are in none. */
  readonly filledBy: Handle | null;
}

/** A warning that is about the whole cell, not about one container. */
export type CellWarning =
  | LimitsLost
  | WithoutOwner
  | Unfinished
  | WithoutRep
  | Unpoliced
  | CutSweep
  | Unread
  | HangingReads;

export type WarningReason = CellWarning['reason'];

/**
 * How long a warning must be absent before it ends in the log: a container may be throttled and
 * released every 15 s, or a cgroup renamed in turns, and the log reports only the first time.
 */
const QUIET: Readonly<Record<WarningReason, number>> = {
  'no-rep': 0,
  unfinished: 0,
  'no-owner': 0,
  // The next process of rollcall watches anew for as long as it must last.
  unpoliced: 10 * 60_000,
  'limit-lost': 10 * 60_000,
  'hanging-reads': 0,
  'renamed-cgroups': 10 * 60_000,
  'too-many-cgroups': 0,
  'too-many-names': 0,
  'cut-sweep': 0,
};

const isWarningReason = (key: string): key is WarningReason => Object.hasOwn(QUIET, key);
export const WARNING_REASONS: readonly WarningReason[] = Object.keys(QUIET).filter(isWarningReason);

/** Something was not read, so that no pass says that all is tracked. */
export const isIncomplete = ({ reason }: Pick<CellWarning, 'reason'>): boolean =>
  reason === 'too-many-cgroups' || reason === 'too-many-names' || reason === 'cut-sweep';

/** In milliseconds. */
export const quietOf = (reason: WarningReason): number => QUIET[reason];
