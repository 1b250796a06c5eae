import type { ByteString } from '../../model/ids.ts';
import { isBelowAny } from '../../model/paths.ts';
import type { Scan } from '../../model/scan.ts';
import type { ReadableHierarchy } from '../../mounts/resolve.ts';

type SeenScan = Extract<Scan, { kind: 'seen' }>;

/**
 * A walk without what lies below other mounts. Of a tmpfs over a cgroup it read nothing, as if the
 * cgroup were gone; of another part of the hierarchy it read cgroups with other paths.
 */
export function withoutCovered(
  scan: SeenScan,
  { covers }: Pick<ReadableHierarchy, 'covers'>,
): SeenScan {
  if (covers.length === 0) return scan;
  const hidden = new Set(covers.map(({ path }) => path));
  const isSeen = ({ path }: { readonly path: ByteString }): boolean =>
    !hidden.has(path) && !isBelowAny(path, hidden);
  return {
    ...scan,
    directories: scan.directories.filter(isSeen),
    unseen: [
      ...scan.unseen.filter(isSeen),
      ...covers.map(({ path }) => ({ path, why: 'covered', errno: null }) as const),
    ],
  };
}
