import type { ByteString } from '../model/ids.ts';
import { joinPath, parentOf } from '../model/paths.ts';
import { pathIn } from '../model/process.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ObservedState } from './observe.ts';

/** A directory in which a container can appear or vanish. */
export interface WatchedDirectory {
  /** As this process opens it. */
  readonly path: ByteString;
  /** A directory made again under the same name needs a new watch. */
  readonly inode: number;
}

/** Garden's directories, and where privileged containers stand: the parents, because a removed directory itself tells nothing. */
export function watchedDirectories(
  { cgroups, gdn, view }: ObservedState,
  { primaryScan }: Snapshot,
): readonly WatchedDirectory[] {
  const { primary } = cgroups;
  if (primary === null || view === null || primaryScan?.kind !== 'seen') return [];
  const gdnCgroup = pathIn(gdn?.paths, primary.controller);
  const beside =
    gdnCgroup === undefined
      ? []
      : primary.controller === 'v2'
        ? [gdnCgroup, parentOf(gdnCgroup)]
        : [gdnCgroup];
  const wanted = new Set<ByteString>([primary.scope, ...beside, ...view.gardenDirectories]);
  return primaryScan.directories.flatMap(({ path, inode }) =>
    wanted.has(path) ? [{ path: onDisk(primary.openedAt, path), inode }] : [],
  );
}

const onDisk = (openedAt: ByteString, path: ByteString): ByteString =>
  path === '/' ? openedAt : joinPath(openedAt, path.slice(1));
