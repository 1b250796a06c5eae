import type { ControllerName } from './hierarchy.ts';
import type { ByteString } from './ids.ts';

/** One cgroup directory as a walk saw it. Paths are those of the hierarchy, from the top that the mount shows. */
export interface CgroupDirectory {
  readonly path: ByteString;
  /** The cgroup id: a directory made again under the same name has another one. */
  readonly inode: number;
  /** The direct members. 0 stands for a process outside our pid namespace (v2 prints it so). */
  readonly pids: readonly number[];
  /** The errno if the members could not be read; then `pids` says nothing. */
  readonly trouble: string | null;
}

/** A directory whose children could not be listed, or were too many to be listed. */
export interface UnseenBelow {
  readonly path: ByteString;
  readonly why: 'unreadable' | 'bound';
  readonly errno: string | null;
}

/** What one bounded walk of one hierarchy saw. A parent stands before its children. */
export type Scan =
  | {
      readonly kind: 'seen';
      readonly controller: ControllerName;
      readonly directories: readonly CgroupDirectory[];
      readonly unseen: readonly UnseenBelow[];
    }
  | { readonly kind: 'failed'; readonly controller: ControllerName; readonly errno: string };

/** Tells probe which hierarchy to walk, from where, and what to walk first in case a bound cuts the rest. */
export interface ScanPlan {
  readonly controller: ControllerName;
  /** Where this process opens the root of the hierarchy. */
  readonly openedAt: ByteString;
  readonly scope: ByteString;
  readonly first: readonly ByteString[];
}
