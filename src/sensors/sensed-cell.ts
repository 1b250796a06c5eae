import type { CgroupMode } from '../model/hierarchy.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import type { Membership } from '../model/process.ts';
import type { MountInputs } from '../model/snapshot.ts';

/** A cgroup of v2. */
export interface CgroupLevel {
  /** As in /proc/PID/cgroup. */
  readonly path: ByteString;
  /** Null: it has vanished. */
  readonly controllers: readonly string[] | null;
}

export interface RunningContainer {
  readonly handle: Handle;
  readonly isListed: boolean;
  /** Whether Garden's property `garden.state` is `created`; null: it did not say. */
  readonly isCreated: boolean | null;
  /** /proc/PID/cgroup of one of its processes, in the order of its lines; null if unreadable. */
  readonly membership: Membership | null;
  /** On a v2 cell that process's cgroup and all above it, innermost first; null: not read. */
  readonly levels: readonly CgroupLevel[] | null;
  /** When that process started; null: after the last search for sensors. */
  readonly startTicks: number | null;
}

/** A cell from the point of view of a sensor. */
export interface SensedCell {
  readonly mounts: MountInputs;
  readonly mode: CgroupMode;
  readonly containers: readonly RunningContainer[];
}
