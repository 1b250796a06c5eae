import type { ByteString } from '../../model/ids.ts';
import { isBelowAny } from '../../model/paths.ts';
import type { ReadWalk } from '../../model/walk.ts';
import type { ReadableHierarchy } from '../../mounts/resolve.ts';

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
