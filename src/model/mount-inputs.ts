import type { CgroupNamespace, MountStat } from './hierarchy.ts';
import type { ByteString } from './ids.ts';
import type { MountTable } from './mount.ts';
import type { Membership } from './process.ts';

/** Everything that is read to choose the mounts of a live cell. Plain values: a capture holds them. */
export interface MountInputs {
  /** Where the cell's table was read: `/proc/1/mountinfo`, below the root. */
  readonly source: string;
  /** `/`, or the directory given with --root. */
  readonly root: string;
  readonly namespace: CgroupNamespace;
  readonly cellTable: MountTable;
  /** Our own table: a path is opened through a mount in it. */
  readonly ownTable: MountTable;
  /** By the path as this process opens it. */
  readonly stats: ReadonlyMap<ByteString, MountStat>;
  /** /proc/1/cgroup; null if it could not be read. */
  readonly firstProcessPaths: Membership | null;
}
