import { asByteString, type ByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { isBelow, isBelowAny, joinPath } from '../model/paths.ts';
import { pathWalk } from './reachability.ts';

/** A mount inside the mount of a hierarchy. What lies there is not the hierarchy's. */
export interface Cover {
  /** The cgroup that it hides, with all below it; its path starts at the top of the mount. */
  readonly path: ByteString;
  readonly mount: Mount;
}

/**
 * The mounts that hide a part of what lies at each of these paths, by path; none of a path where all
 * can be seen. A mount that shows the same cgroups as the one that it covers hides nothing.
 * @param table of the mount namespace in which the paths are opened
 */
export function coversBelow(
  paths: readonly ByteString[],
  table: MountTable,
): ReadonlyMap<ByteString, readonly Cover[]> {
  // Almost no cell has any, and a large one has thousands of mounts.
  const prefixes = paths.map((path) => joinPath(path, ''));
  const inside = table.mounts.filter(({ mountPoint }) =>
    prefixes.some((prefix) => mountPoint.startsWith(prefix)),
  );
  if (inside.length === 0) return new Map();
  const walk = pathWalk(table);
  return new Map(
    [...new Set(paths)].map((path) => {
      const opened = walk.endsOn(path);
      const covers = inside
        .filter(({ mountPoint }) => isBelow(mountPoint, path))
        .flatMap(({ mountPoint }) => coverOf(path, opened, walk.endsOn(mountPoint)) ?? []);
      return [path, outermost(covers)] as const;
    }),
  );
}

/** @param shown what lies at a mount point below the path at which a hierarchy is opened */
function coverOf(openedAt: ByteString, opened: Mount | null, shown: Mount | null): Cover | null {
  if (opened === null || shown === null || shown === opened) return null;
  if (!isBelow(shown.mountPoint, openedAt)) return null;
  const path = asByteString(`/${shown.mountPoint.slice(joinPath(openedAt, '').length)}`);
  const isSame =
    shown.device === opened.device &&
    opened.root !== null &&
    shown.root === joinPath(opened.root, path.slice(1));
  return isSame ? null : { path, mount: shown };
}

function outermost(covers: readonly Cover[]): readonly Cover[] {
  const byPath = new Map(covers.map((cover) => [cover.path, cover] as const));
  const paths = new Set(byPath.keys());
  return [...byPath.values()].filter(({ path }) => !isBelowAny(path, paths));
}
