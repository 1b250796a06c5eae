import { isAboveNamespace } from '../model/cgroup-path.ts';
import type { CgroupNamespace } from '../model/hierarchy.ts';
import type { ByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { cgroupVersion } from '../model/mount.ts';

/** What the root field says that a mount shows of its hierarchy. */
export type ShownPart = 'top' | 'own-namespace' | 'undecided' | 'sub-cgroup' | 'deleted';

const UPS = /^(?:\/\.\.)+$/;

/** How many levels above the reader's own cgroup namespace a root lies; 0 for `/` and everything below. */
export const levelsUp = (root: ByteString | null): number =>
  root !== null && UPS.test(root) ? root.length / 3 : 0;

/** The `/../..` that leads to the top is the deepest one: a bind mount of a cgroup in between shows a shorter one. */
export const highestTop = (mounts: readonly Mount[]): number =>
  mounts.reduce((most, { root }) => Math.max(most, levelsUp(root)), 0);

/**
 * The kernel prints a root relative to the cgroup namespace of whoever reads the table (cgroup_show_path), per hierarchy:
 * in one private namespace memory can be at `/../..` and pids, where the reader's own cgroup is the root, at `/`.
 */
export function shownBy({ root }: Mount, namespace: CgroupNamespace, highest: number): ShownPart {
  if (root?.endsWith('//deleted') === true) return 'deleted';
  if (namespace === 'initial') return root === '/' ? 'top' : 'sub-cgroup';
  if (root === '/') return highest > 0 ? 'own-namespace' : 'undecided';
  return highest > 0 && levelsUp(root) === highest ? 'top' : 'sub-cgroup';
}

/** For a text that came without its namespace: a root outside of the reader's namespace gives it away, nothing else. */
export const assumedNamespace = (table: MountTable): CgroupNamespace =>
  table.mounts.some(
    (mount) => cgroupVersion(mount) !== null && mount.root !== null && isAboveNamespace(mount.root),
  )
    ? 'private'
    : 'initial';
