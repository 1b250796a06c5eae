import type { ByteString, Handle } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import { isEntryName, joinPath, parentOf } from '../../model/paths.ts';
import { type Membership, pathIn } from '../../model/process.ts';
import type { WalkPlan } from '../../model/walk.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { bytesOfText } from '../../model/text.ts';
import { gdnCandidates, pathBelowMount, type ReadableHierarchy } from '../../mounts/resolve.ts';
import type { ObservedState } from './observe.ts';

/**
 * How to walk a hierarchy: Garden's directories first, in case a limit cuts off the rest.
 * @param anchor gdn's cgroups from memory; used while gdn does not run
 */
export function planWalk(
  hierarchy: ReadableHierarchy,
  { gardenProcesses, mounts }: Pick<Snapshot, 'gardenProcesses' | 'mounts'>,
  anchor: Membership | null,
): WalkPlan {
  const { controller, openedAt, scope } = hierarchy;
  // No other process may decide what is walked first.
  const candidates = gdnCandidates(gardenProcesses, mounts.firstProcessPaths);
  const running = candidates.flatMap(
    ({ membership }) => pathBelowMount(membership, hierarchy) ?? [],
  );
  const last = candidates.length > 0 ? undefined : pathIn(anchor, controller);
  const parents = [scope, ...running, ...(last === undefined ? [] : [last])];
  return { controller, openedAt, scope, first: parents.map((path) => joinPath(path, 'garden')) };
}

/** Looked up where a Garden directory has too many cgroups, if they are a single component. */
export const namesToLookUp = ({ containers, vanished }: Memory): ReadonlySet<ByteString> =>
  new Set([...containers.keys(), ...vanished.keys()].map(bytesOfText).filter(isEntryName));

/** Whether a container that no walk of this pass has seen was looked up. */
export const isLookedUp = (handle: Handle, { containers, vanished }: Memory): boolean =>
  (containers.has(handle) || vanished.has(handle)) && isEntryName(bytesOfText(handle));

/** A directory in which a container can appear or vanish. */
export interface WatchedDirectory {
  /** The path as this process opens it. */
  readonly path: ByteString;
  /** A directory that is recreated under the same name needs a new watch. */
  readonly inode: number;
}

/**
 * Garden's directories and the parents of privileged containers. The containers themselves are not
 * watched, because a removed directory sends no event of its own.
 */
export function watchedDirectories(
  { cgroups, gdn, view }: ObservedState,
  { primaryWalk }: Snapshot,
): readonly WatchedDirectory[] {
  const { primary } = cgroups;
  if (primary === null || view === null || primaryWalk?.kind !== 'read') return [];
  const gdnCgroup = pathIn(gdn?.paths, primary.controller);
  const beside =
    gdnCgroup === undefined
      ? []
      : primary.controller === 'v2'
        ? [gdnCgroup, parentOf(gdnCgroup)]
        : [gdnCgroup];
  const wanted = new Set<ByteString>([primary.scope, ...beside, ...view.gardenDirectories]);
  return primaryWalk.directories.flatMap(({ path, inode }) =>
    wanted.has(path) ? [{ path: onDisk(primary.openedAt, path), inode }] : [],
  );
}

const onDisk = (openedAt: ByteString, path: ByteString): ByteString =>
  path === '/' ? openedAt : joinPath(openedAt, path.slice(1));
