import type { MountStat } from '../model/hierarchy.ts';
import type { ByteString } from '../model/ids.ts';
import { cgroupVersion, ROOT_INODE, type Mount } from '../model/mount.ts';
import { pathBelow } from '../model/paths.ts';
import type { LiveCell } from './judge-mount.ts';
import { pathWalk, waysToOpen, type PathWalk, type WaysToOpen } from './reachability.ts';

/** The parts of a cell that show what stat returns in another mount namespace. */
export type StatInputs = Pick<LiveCell, 'ownTable' | 'root' | 'stats'>;

/**
 * The stat result at the mount point of each of these mounts, in the mount namespace of their table,
 * as far as our own mounts show the same; null if they do not decide which inode is the lowest. The
 * root of a hierarchy has inode 1, so if a root is among them, the others need not be known.
 * @param walk of their table
 */
export function statsOf(
  mounts: readonly Mount[],
  walk: PathWalk,
  inputs: StatInputs,
): ReadonlyMap<ByteString, MountStat> | null {
  const statAt = statsAt(walk, inputs);
  const stats = new Map<ByteString, MountStat>();
  const unknown: Mount[] = [];
  for (const mount of mounts) {
    const stat = stats.get(mount.mountPoint) ?? statAt(mount.mountPoint);
    if (stat === null) unknown.push(mount);
    else stats.set(mount.mountPoint, stat);
  }
  const roots = [...stats.values()].flatMap((stat) =>
    stat.kind === 'read' && stat.inode === ROOT_INODE ? [stat] : [],
  );
  for (const { mountPoint, device } of unknown) {
    const root = roots.find((stat) => stat.device === device);
    if (root === undefined) return null;
    stats.set(mountPoint, { ...root, inode: Infinity });
  }
  return stats;
}

/** The result is null where none of our mounts shows the same. */
function statsAt(
  walk: PathWalk,
  { ownTable, root, stats }: StatInputs,
): (path: ByteString) => MountStat | null {
  const ownWalk = pathWalk(ownTable);
  const cgroups = ownTable.mounts.filter((mount) => cgroupVersion(mount) !== null);
  const ways = waysToOpen({ ...ownTable, mounts: cgroups }, ownWalk, root);
  return (path) => {
    const shown = walk.endsOn(path);
    if (shown === null) return GONE;
    const here = pathBelow(root, path);
    const ownShown = ownWalk.endsOn(here);
    // The same part of the same file system is at our own path, if only in both mounts.
    if (ownShown !== null && showsTheSame(ownShown, shown, here.length - path.length))
      return stats.get(here) ?? null;
    return shown.mountPoint === path ? statThrough(shown, ways, stats) : null;
  };
}

const GONE: MountStat = { kind: 'failed', errno: 'ENOENT' };

const showsTheSame = (own: Mount, other: Mount, longer: number): boolean =>
  own.device === other.device &&
  own.root === other.root &&
  own.mountPoint.length - other.mountPoint.length === longer;

function statThrough(shown: Mount, ways: WaysToOpen, stats: StatInputs['stats']): MountStat | null {
  if (cgroupVersion(shown) === null) return null;
  for (const path of ways(shown)) {
    const stat = stats.get(path);
    if (stat?.kind === 'read' && stat.device === shown.device) return stat;
  }
  return null;
}
