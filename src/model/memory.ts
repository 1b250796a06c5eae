import type { AppIdentity, ContainerKind } from './garden.ts';
import type { ControllerName } from './hierarchy.ts';
import type { Handle } from './ids.ts';
import type { Reason, Severity } from './finding.ts';
import type { Membership, ProcessFacts } from './process.ts';
import type { ContainerReport } from './report.ts';

/** What earlier passes said of one container. */
export interface RememberedContainer {
  /** Tells one incarnation of a handle from the next; null while no cgroup was seen. */
  readonly cgroupInode: number | null;
  /** The hierarchy whose inode that is: the primary one may become another when its mount vanishes. */
  readonly inodeOf: ControllerName | null;
  readonly firstSeen: string;
  /** Garden's list held it at some time. */
  readonly listed: boolean;
  readonly differingSince: string | null;
  readonly reason: Reason | null;
  /** As the last pass that could tell had it; null also where the memory is an earlier version's, which kept none. */
  readonly severity: Severity | null;
  /** Milliseconds the difference lasted, counted between passes that could compare. */
  readonly lasted: number;
  readonly looks: number;
  readonly reported: boolean;
  /** A worse reason that has not lasted yet, while what was reported still holds and stands. */
  readonly worse: Escalation | null;
  /** Hierarchies in which this incarnation was seen. */
  readonly seenIn: readonly ControllerName[];
  /** Who it is, kept because Garden may lose it. */
  readonly identity: { readonly kind: ContainerKind; readonly app: AppIdentity | null } | null;
  /** Null while it does not differ. */
  readonly evidence: Evidence | null;
}

export interface Escalation {
  readonly reason: Reason;
  readonly differingSince: string;
  readonly lasted: number;
  readonly looks: number;
}

/** What a differing container was when processes of it were first seen. */
export interface Evidence {
  /** At most 5. */
  readonly processes: readonly ProcessFacts[];
  readonly cgroups: Membership;
  readonly pids: number;
}

/** Of the memory file: a newer one than ours is set aside. */
export const MEMORY_SCHEMA_VERSION = 1;

export interface Memory {
  readonly bootId: string | null;
  readonly anchor: Membership | null;
  readonly gardenUnavailableSince: string | null;
  /**
   * Why nothing, or not everything, can be compared: the kind that was told last and whose end was not told yet. A text, because
   * the file may be a later version's. Garden's absence has its own time and its own two transitions.
   */
  readonly troubleTold: string | null;
  /** The last pass; time counts only between two passes that compared. */
  readonly lastLook: { readonly monotonicMilliseconds: number; readonly compared: boolean } | null;
  readonly containers: ReadonlyMap<Handle, RememberedContainer>;
  /** The containers of the last report, shown while nothing can be compared. */
  readonly lastKnown: readonly ContainerReport[];
}

export const EMPTY_MEMORY: Memory = {
  bootId: null,
  anchor: null,
  gardenUnavailableSince: null,
  troubleTold: null,
  lastLook: null,
  containers: new Map(),
  lastKnown: [],
};
