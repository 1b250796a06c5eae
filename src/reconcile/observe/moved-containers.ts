import type { ByteString, Handle } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import { componentsBelow, isAtOrBelow, joinPath, ROOT } from '../../model/paths.ts';
import type { CgroupDirectory } from '../../model/walk.ts';
import { bytesOfText } from '../../model/text.ts';
import type { ClassifiedWalk } from './classify.ts';
import { launchesOf, type OwnershipFacts, proofOfClaim, proofPids } from './ownership.ts';
import type { UnlistedCgroup } from './unlisted-cgroups.ts';

/*
 * A container that Garden no longer lists is known by the cgroup in which it was seen. A privileged
 * one can move to another, even to one below another container. The sweep finds it there by its
 * root filesystem, unless the path looks like the container's own. Such paths are checked here.
 */

/** A live cgroup called H or `H-…`, for an H that Garden no longer lists. */
export interface LostClaim {
  readonly handle: Handle;
  readonly path: ByteString;
  readonly inode: number | null;
  readonly pids: readonly number[];
}

/** Each costs a few reads in every pass. */
const MAX_CLAIMS_OF_ONE = 4;
const MAX_CLAIMS = 64;
/** To look for so many names costs less than to take a path apart. */
const FEW = 16;

interface LostQuestion {
  readonly directories: readonly CgroupDirectory[];
  readonly view: ClassifiedWalk;
  /** gdn's own cgroup; null if unknown. */
  readonly gdnCgroup: ByteString | null;
  readonly unlisted: readonly UnlistedCgroup[];
  readonly listed: ReadonlySet<ByteString>;
  readonly memory: Memory;
}

/** The cgroups that may belong to a container that is neither listed nor found elsewhere. */
export function lostClaims(question: LostQuestion): readonly LostClaim[] {
  const lost = lostContainers(question);
  if (lost.size === 0) return [];
  const { view, gdnCgroup } = question;
  const otherGarden = new Set(view.otherGarden);
  // What is below gdn's own cgroup, its ancestors and Garden directories belongs to all containers.
  const isShared = (path: ByteString): boolean =>
    view.withContainers.has(path) || (gdnCgroup !== null && isAtOrBelow(gdnCgroup, path));
  const pidsAt = new Map<Handle, Map<ByteString, number[]>>();
  const possible = question.directories.filter(
    ({ path, pids }) => pids.length > 0 && mayNameAny(lost, path) && !otherGarden.has(path),
  );
  // The kernel lists directories in no order, which must not decide which are kept, and which is first.
  for (const { path, pids } of possible.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    for (const { handle, named } of namedLike(lost, path)) {
      if (isShared(named)) continue;
      const claims = pidsAt.get(handle) ?? new Map<ByteString, number[]>();
      if (!claims.has(named) && claims.size === MAX_CLAIMS_OF_ONE) continue;
      const members = claims.get(named) ?? [];
      for (const pid of pids) members.push(pid);
      pidsAt.set(handle, claims.set(named, members));
    }
  }
  const inodes = new Map(question.directories.map(({ path, inode }) => [path, inode] as const));
  return [...pidsAt]
    .flatMap(([handle, claims]) =>
      [...claims].map(([path, pids]) => ({ handle, path, inode: inodes.get(path) ?? null, pids })),
    )
    .slice(0, MAX_CLAIMS);
}

/** The containers whose processes are in one of these cgroups, as unlisted ones. */
export function movedContainers(
  claims: readonly LostClaim[],
  ownership: OwnershipFacts,
): readonly UnlistedCgroup[] {
  const proven = claims.filter(
    ({ handle, pids }) => proofOfClaim({ name: bytesOfText(handle), pids }, ownership) === 'proven',
  );
  return [...Map.groupBy(proven, ({ handle }) => handle).values()].flatMap((group) =>
    group.slice(0, 1).map((first) => ({
      ...first,
      pids: group.flatMap(({ pids }) => pids),
      peas: [],
      kind: 'unrecognised',
      unit: first.path,
      mayBeContainer: false,
      basis: 'remembered',
      isInGardenDirectory: false,
      isOwnerUnknown: launchesOf(proofPids(first), ownership)[0]?.owner === 'unknown',
    })),
  );
}

/** The containers that memory saw listed, and that neither the list nor a known cgroup shows. */
function lostContainers({
  view,
  unlisted,
  listed,
  memory,
}: LostQuestion): ReadonlyMap<string, Handle> {
  const lost = new Map<string, Handle>();
  const found = new Set(unlisted.flatMap(({ handle, basis }) => (basis === null ? [] : [handle])));
  for (const [handle, { wasListed }] of memory.containers) {
    const name = bytesOfText(handle);
    const cgroup = view.containers.get(name);
    const isLive = cgroup !== undefined && (cgroup.pids.length > 0 || cgroup.peaPids.length > 0);
    if (wasListed && !listed.has(name) && !isLive && !found.has(handle)) lost.set(name, handle);
  }
  return lost;
}

/** On most cells few are lost, and no path has one of their names. */
function mayNameAny(lost: ReadonlyMap<string, Handle>, path: ByteString): boolean {
  if (lost.size > FEW) return true;
  for (const name of lost.keys()) if (path.includes(name)) return true;
  return false;
}

/** The topmost directory of a path that is called H or `H-…`, for each lost H. */
function namedLike(lost: ReadonlyMap<string, Handle>, path: ByteString) {
  const found: { readonly handle: Handle; readonly named: ByteString }[] = [];
  let named = ROOT;
  for (const component of componentsBelow(path, ROOT)) {
    named = joinPath(named, component);
    for (let end = component.length; end > 0; end = component.lastIndexOf('-', end - 1)) {
      const handle = lost.get(component.slice(0, end));
      const isFirst = !found.some((one) => one.handle === handle);
      if (handle !== undefined && isFirst) found.push({ handle, named });
    }
  }
  return found;
}
