import type { ByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { pathBelow } from '../model/mount-paths.ts';
import { groupByHierarchy, hierarchyKey, hierarchyOf } from './hierarchies.ts';
import { preferred } from './mount-preference.ts';
import type { PathWalk } from './reachability.ts';

/** The paths under which this process may open what a mount of the cell shows, the one to try first in front. */
export type WaysToOpen = (mount: Mount) => readonly ByteString[];

/**
 * A path leads through our own mount namespace, so what the cell's table calls a mount is opened through a mount of ours
 * that shows the same: at the same mount point if it is there, else at the best one. Under bpm the two tables differ,
 * but /sys/fs/cgroup can be mounted into ours. Where the cell is shown below a directory, its own path below that comes
 * first.
 */
export function waysToOpen(ownTable: MountTable, walk: PathWalk, root: string): WaysToOpen {
  const own = new Map(
    groupByHierarchy(ownTable).map(({ hierarchy, mounts }) => [
      hierarchyKey(hierarchy),
      mounts.filter((mount) => walk.reaches(mount)).toSorted(preferred),
    ]),
  );
  return (mount) => {
    const hierarchy = hierarchyOf(mount);
    const ours = (hierarchy === null ? undefined : own.get(hierarchyKey(hierarchy))) ?? [];
    const same = ours.filter((one) => one.root === mount.root);
    const atSamePlace = same.find((one) => one.mountPoint === mount.mountPoint);
    const ways = (atSamePlace === undefined ? same : [atSamePlace]).map(
      ({ mountPoint }) => mountPoint,
    );
    const below = pathBelow(root, mount.mountPoint);
    return below === mount.mountPoint ? ways : [below, ...ways];
  };
}
