import type { ControllerName } from '../../model/hierarchy.ts';
import { asHandle, type ByteString, type Handle } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import { isAtOrBelow, isBelowAny, nameOf, parentOf } from '../../model/paths.ts';
import { pathIn } from '../../model/process.ts';
import { textOfBytes } from '../../model/text.ts';
import type { ReadWalk } from '../../model/walk.ts';
import type { ReadableHierarchy } from '../../mounts/resolve.ts';
import type { ClassifiedWalk } from './classify.ts';
import type { GdnCgroups } from './gdn.ts';

/** Above or in Garden's directories: any container could be there. A unit hides only its own. */
export function hiddenAtOrAboveContainers(
  { hidden, gardenDirectories, inodes }: ClassifiedWalk,
  { controller, scope }: Pick<ReadableHierarchy, 'controller' | 'scope'>,
  gdn: GdnCgroups | null,
): ClassifiedWalk['hidden'][number] | null {
  const gdnCgroup = pathIn(gdn?.paths, controller);
  const isAtOrAbove = (path: ByteString): boolean =>
    path === scope ||
    (gdnCgroup !== undefined && isAtOrBelow(gdnCgroup, path)) ||
    gardenDirectories.includes(path);
  return (
    hidden.find(
      ({ path, isAncestor }) =>
        isAncestor ||
        isAtOrAbove(path) ||
        // The parent of the cgroup cannot be entered, so nothing is known about the cgroup.
        (!inodes.has(path) && isAtOrAbove(parentOf(path))),
    ) ?? null
  );
}

/** Outside Garden's directories: an earlier pass saw them listed, and now they hide. */
export function hiddenContainers(
  view: ClassifiedWalk,
  controller: ControllerName,
  memory: Memory,
): ReadonlyMap<Handle, { readonly path: ByteString; readonly inode: number }> {
  const found = new Map<Handle, { readonly path: ByteString; readonly inode: number }>();
  for (const { path } of view.hidden) {
    // A directory that could not be entered has no inode, for example one with a path of 4,096 bytes.
    let at = view.inodes.has(path) ? path : parentOf(path);
    for (let inode = view.inodes.get(at); inode !== undefined;) {
      const handle = asHandle(textOfBytes(nameOf(at)));
      const was = memory.containers.get(handle);
      if (was?.wasListed === true && was.inodeOf === controller && was.cgroupInode === inode) {
        found.set(handle, { path: at, inode });
      }
      at = parentOf(at);
      inode = view.inodes.get(at);
    }
  }
  return found;
}

/**
 * A walk without what lies below other mounts. Of a tmpfs over a cgroup it read nothing, as if the
 * cgroup were gone; of another part of the hierarchy it read cgroups with other paths.
 */
export function withoutCovered(
  walk: ReadWalk,
  { covers }: Pick<ReadableHierarchy, 'covers'>,
): ReadWalk {
  if (covers.length === 0) return walk;
  const hidden = new Set(covers.map(({ path }) => path));
  const isSeen = ({ path }: { readonly path: ByteString }): boolean =>
    !hidden.has(path) && !isBelowAny(path, hidden);
  return {
    ...walk,
    directories: walk.directories.filter(isSeen),
    unseen: [
      ...walk.unseen.filter(isSeen),
      ...covers.map(({ path }) => ({ path, why: 'covered', errno: null }) as const),
    ],
  };
}
