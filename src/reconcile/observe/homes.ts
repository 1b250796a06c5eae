import { withoutThrottling, type GardenPlaces, type Home, type Homes } from '../../model/homes.ts';
import { asHandle, type ByteString } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import { isAtOrBelow, isGardenDirectory, nameOf, parentOf } from '../../model/paths.ts';
import { pathIn } from '../../model/process.ts';
import { isAlike, type CgroupDirectory, type Walk } from '../../model/walk.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { bytesOfText, textOfBytes } from '../../model/text.ts';
import {
  gdnCandidates,
  pathBelowMount,
  type CgroupHierarchies,
  type ReadableHierarchy,
} from '../../mounts/resolve.ts';
import { gardenParents } from './gdn.ts';

type Read = Pick<Snapshot, 'gardenProcesses' | 'mounts' | 'list' | 'primaryWalk'>;

type Hierarchies = Pick<CgroupHierarchies, 'hierarchies' | 'primary'>;

interface LastHomes {
  readonly from: readonly unknown[];
  readonly walk: Walk;
  readonly homes: Homes | null;
}

/** By Garden's list. A pass asks twice, and in most passes only processes have started or ended. */
const lastOf = new WeakMap<Snapshot['list'], LastHomes>();

const isAlikeWalk = (a: Walk, b: Walk): boolean =>
  a === b ||
  (a.kind === 'read' &&
    b.kind === 'read' &&
    a.directories.length === b.directories.length &&
    a.directories.every((one, index) => isAlike(one, b.directories[index])));

/**
 * The homes of the listed containers, by what a pass reads before it knows which gdn is Garden's; null
 * if there is nothing to compare.
 */
export function homesOf(cgroups: Hierarchies, read: Read, memory: Memory): Homes | null {
  const { primaryWalk, list, gardenProcesses, mounts } = read;
  if (primaryWalk === null) return null;
  const { hierarchies, primary } = cgroups;
  const { containers, anchor, otherGdns } = memory;
  const from = [hierarchies, primary, gardenProcesses, mounts, containers, anchor, otherGdns];
  const last = lastOf.get(list);
  const isSame =
    last?.from.every((one, index) => one === from[index]) === true &&
    isAlikeWalk(last.walk, primaryWalk);
  const homes = isSame ? last.homes : newHomes(cgroups, read, memory);
  lastOf.set(list, { from, walk: primaryWalk, homes });
  return homes;
}

function newHomes({ hierarchies, primary }: Hierarchies, read: Read, memory: Memory): Homes | null {
  const { list, primaryWalk } = read;
  if (primary === null || primaryWalk?.kind !== 'read' || list.kind !== 'answered') return null;
  const places = new Map(
    hierarchies.flatMap((hierarchy) => {
      const there = placesIn(hierarchy, read, memory);
      return there === null ? [] : [[hierarchy.controller, there] as const];
    }),
  );
  const { controller } = primary;
  const question = {
    directories: primaryWalk.directories,
    places: places.get(controller) ?? null,
    inodeBefore: (name: ByteString): number | null => {
      const was = memory.containers.get(asHandle(textOfBytes(name)));
      return was?.inodeOf === controller ? was.cgroupInode : null;
    },
  };
  return {
    primary: controller,
    handles: new Set([...list.value, ...memory.containers.keys()].map(bytesOfText)),
    byName: homesByName(new Set(list.value.map(bytesOfText)), question),
    places,
    roots: new Map(hierarchies.flatMap((one) => rootOf(one))),
  };
}

const rootOf = ({ controller, choice }: ReadableHierarchy) => {
  const root = choice.chosen?.root ?? '/';
  return root === '/' ? [] : [[controller, root] as const];
};

/**
 * Below the cgroups of every process that can be Garden's server, without those that ran beside it;
 * while none runs, below the last one. On v2 a privileged container is beside gdn's own cgroup, and
 * without a unit at the top.
 */
function placesIn(
  hierarchy: ReadableHierarchy,
  { gardenProcesses, mounts }: Read,
  { anchor, otherGdns }: Memory,
): GardenPlaces | null {
  const { controller } = hierarchy;
  const others = new Set(otherGdns.map((paths) => pathIn(paths, controller)));
  const running = gdnCandidates(gardenProcesses, mounts.firstProcessPaths).flatMap(
    ({ membership }) => pathBelowMount(membership, hierarchy) ?? [],
  );
  const ours = running.filter((path) => !others.has(path));
  const last = ours.length === 0 ? pathIn(anchor, controller) : undefined;
  const cgroups = [...new Set([...ours, ...(last === undefined ? [] : [last])])];
  if (cgroups.length === 0) return null;
  const beside =
    controller === 'v2' ? [...cgroups.map((path) => parentOf(path)), hierarchy.scope] : [];
  return {
    parents: cgroups.flatMap((path) => gardenParents(hierarchy, path)),
    privileged: [...cgroups, ...beside],
  };
}

interface HomesQuestion {
  readonly directories: readonly CgroupDirectory[];
  /** Null: no gdn is known. */
  readonly places: GardenPlaces | null;
  /** The inode of a container's cgroup in an earlier pass. */
  readonly inodeBefore: (name: ByteString) => number | null;
}

/** A directory that is called like a listed container. */
interface Candidate extends Home {
  readonly inode: number;
  readonly isLive: boolean;
}

type Candidates = ReadonlyMap<ByteString, readonly Candidate[]>;

function homesByName(listed: ReadonlySet<ByteString>, question: HomesQuestion): Homes['byName'] {
  const named = candidatesByName(listed, question);
  const homes = new Map<ByteString, Home | null>();
  for (const [name, candidates] of named) {
    const home = homeOf(name, candidates, named, question);
    if (home !== undefined) homes.set(name, home);
  }
  return homes;
}

function candidatesByName(
  listed: ReadonlySet<ByteString>,
  { directories, places }: HomesQuestion,
): Candidates {
  // gdn makes no container of a cgroup that it is in itself, whatever a handle is called.
  const holdsGdn = (path: ByteString): boolean =>
    places?.privileged.some((place) => isAtOrBelow(place, path)) === true;
  const called = directories.filter(({ path }) => listed.has(nameOf(path)) && !holdsGdn(path));
  const holders = new Set(called.map(({ path }) => parentOf(path)));
  const live = new Set<ByteString>();
  for (const { path, pids } of directories)
    if (pids.length > 0) for (let at = path; !live.has(at); at = parentOf(at)) live.add(at);
  const named = new Map<ByteString, Candidate[]>();
  for (const { path, inode } of called) {
    const name = nameOf(path);
    // A Garden directory with containers, which may be called like a handle.
    const isOfGarden = isGardenDirectory(name) || name === 'good' || name === 'bad';
    // Every container may have one in `bad`, a privileged one, too.
    if ((isOfGarden && holders.has(path)) || nameOf(parentOf(path)) === 'bad') continue;
    const home = withoutThrottling(parentOf(path));
    const one = { path: home, kind: kindOf(home, places), inode, isLive: live.has(path) };
    const known = named.get(name);
    if (known === undefined) named.set(name, [one]);
    else known.push(one);
  }
  return named;
}

function kindOf(home: ByteString, places: GardenPlaces | null): Home['kind'] {
  if (places === null) return 'unknown';
  if (isGardenDirectory(nameOf(home)) && places.parents.includes(parentOf(home))) return 'garden';
  return places.privileged.includes(home) ? 'privileged' : 'unknown';
}

/**
 * Where it was before, if something runs there. Otherwise where gdn makes containers, in the oldest
 * directory, because kernels count inodes up. Null: it is only where gdn makes none, and was in another
 * directory before. Undefined: nothing shows it.
 */
function homeOf(
  name: ByteString,
  candidates: readonly Candidate[],
  named: Candidates,
  { places, inodeBefore }: HomesQuestion,
): Home | null | undefined {
  const [first] = candidates;
  if (first === undefined || places === null) return undefined;
  const before = inodeBefore(name);
  const known = candidates.find(({ inode }) => inode === before);
  if (candidates.every(({ path }) => path === first.path)) {
    const isAway = first.kind === 'unknown' && before !== null && known === undefined;
    return isAway && !holdsOthers(first.path, name) ? null : first;
  }
  if (known?.isLive === true) return known;
  const others = ({ path }: Candidate): number => liveBeside(path, name, named);
  const inGarden = candidates.filter(({ kind }) => kind === 'garden');
  const most = Math.max(...inGarden.map(others));
  return candidates
    .filter((one) => one.kind === 'privileged' || (one.kind === 'garden' && others(one) === most))
    .toSorted((a, b) => a.inode - b.inode)[0];

  /**
   * Whether gdn may have made it there before it moved: in a Garden directory above its cgroup, or
   * beside another container that earlier passes saw there.
   */
  function holdsOthers(home: ByteString, own: ByteString): boolean {
    const isAboveGdn = places?.parents.some((path) => isAtOrBelow(path, parentOf(home))) === true;
    if (isAboveGdn && isGardenDirectory(nameOf(home))) return true;
    return [...named].some(
      ([other, all]) =>
        other !== own &&
        all.some(({ path, inode }) => path === home && inode === inodeBefore(other)),
    );
  }
}

const liveBeside = (home: ByteString, name: ByteString, named: Candidates): number =>
  [...named].filter(
    ([other, all]) => other !== name && all.some(({ path, isLive }) => isLive && path === home),
  ).length;
