import { asByteString, type ByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { isAtOrBelow, parentOf, ROOT, pathBelow } from '../model/paths.ts';
import {
  identity,
  isSameMount,
  groupByHierarchy,
  hierarchyKey,
  hierarchyOf,
} from './hierarchies.ts';
import { preferred } from './mount-preference.ts';

/**
 * The position of a path walk: a mount of the table, or the id of one that the table does not show
 * (null: not even that is known).
 */
type Position = Mount | number | null;
type Positions = ReadonlySet<Position>;

/** open(2) refuses a longer path (PATH_MAX with its closing zero). */
const MAX_PATH = 4095;

export interface PathWalk {
  /** Whether opening the mount's mount point can end on this very mount. */
  reaches(mount: Mount): boolean;
  /** The mount on which opening this path ends; null if there is none or the table cannot tell. */
  endsOn(path: ByteString): Mount | null;
}

/**
 * The kernel's path walk (fs/namei.c step_into → fs/namespace.c lookup_mnt), replayed on the ids of
 * a table. At every component it steps from its mount onto the child mounted there, and from that
 * onto the one on top of it, as often as there is one. A mount on a mount that the walk does not
 * pass is hidden. Neither the order of the lines nor the size of the ids matters: a parent may come
 * after its child and have the larger id.
 *
 * The walk begins on the mount below `/`, which the table does not list: it is the absent parent of
 * the `/` mount, and `/` hides its other children. A table without `/` (the reader is in a chroot,
 * or somebody filtered it) whose absent parents are all the same begins there too. Any other mount
 * without its parent in the table (a line lost, or filtered) could be anywhere: the walk takes it
 * as possible and lets it hide nothing.
 *
 * Two mounts of one parent at one mount point cannot exist since Linux 4.11 (1064f874abc0 tucks one
 * below the other), but a table that changed while it was read can show them. Then the larger id
 * counts, usually the younger.
 */
export function pathWalk(table: MountTable): PathWalk {
  if (table.format === 'mounts') return { reaches: () => true, endsOn: () => null };
  const index = indexOf(table.mounts);
  const walked = new Map<ByteString, Positions>();
  const walk = (path: ByteString): Positions => {
    const known = walked.get(path);
    if (known !== undefined) return known;
    const before = path === ROOT ? index.start : walk(parentOf(path));
    const positions = step(before, path, index);
    walked.set(path, positions);
    return positions;
  };
  const positionsAt = (path: ByteString): Positions =>
    path.length > MAX_PATH ? new Set() : walk(absolute(path));
  return {
    reaches: (mount) =>
      [...positionsAt(mount.mountPoint)].some(
        (position) => isMount(position) && isSameMount(position, mount),
      ),
    endsOn: (path) => [...positionsAt(path)].filter(isMount).reduce<Mount | null>(younger, null),
  };
}

const isMount = (position: Position): position is Mount =>
  typeof position === 'object' && position !== null;

/** A few recorded tables have mount points relative to a directory, here taken as `/`. */
const absolute = (path: ByteString): ByteString =>
  path.startsWith('/') ? path : asByteString(`/${path}`);

const pathOf = (mount: Mount): ByteString => absolute(mount.mountPoint);

interface Index {
  readonly byPath: ReadonlyMap<ByteString, readonly Mount[]>;
  readonly byId: ReadonlyMap<number, readonly Mount[]>;
  /** Where the walk begins, before `/`. */
  readonly start: Positions;
  /** The ids of unlisted mounts in `start`. */
  readonly below: ReadonlySet<number>;
}

function indexOf(mounts: readonly Mount[]): Index {
  const byPath = new Map<ByteString, Mount[]>();
  const byId = new Map<number, Mount[]>();
  for (const mount of mounts) {
    add(byPath, pathOf(mount), mount);
    if (mount.id !== null) add(byId, mount.id, mount);
  }
  const roots = byPath.get(ROOT) ?? [];
  // The first mount of a namespace is its own parent. It shows if `/` was not changed after boot.
  const first = roots.filter(({ id, parentId }) => id === parentId);
  const absent = absentParents(roots.length === 0 ? mounts : roots, byId);
  const below = roots.length === 0 && absent.size > 1 ? new Set<number>() : absent;
  const start = new Set<Position>([...first, ...below]);
  // In a broken table the `/` mounts can be each other's parents; then any may be the one.
  if (start.size === 0) for (const root of roots) start.add(root);
  return { byPath, byId, below, start: start.size === 0 ? new Set([null]) : start };
}

const absentParents = (
  mounts: readonly Mount[],
  byId: ReadonlyMap<number, readonly Mount[]>,
): ReadonlySet<number> =>
  new Set(
    mounts.flatMap(({ parentId }) => (parentId === null || byId.has(parentId) ? [] : [parentId])),
  );

function add<K>(map: Map<K, Mount[]>, key: K, mount: Mount): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [mount]);
  else list.push(mount);
}

function step(before: Positions, path: ByteString, index: Index): Positions {
  const here = index.byPath.get(path);
  if (here === undefined) return before;
  const lost = here.filter((mount) => isLost(mount, index));
  return new Set([...before, ...lost].map((position) => climb(position, here)));
}

/** From a mount to the topmost one on it. Also ends in a table with a cycle. */
function climb(from: Position, here: readonly Mount[]): Position {
  let position = from;
  const climbed = new Set([position]);
  for (;;) {
    const id = isMount(position) ? position.id : position;
    const children = here.filter((mount) => mount.parentId === id && !climbed.has(mount));
    const top = children.reduce<Mount | null>(younger, null);
    if (top === null || id === null) return position;
    position = top;
    climbed.add(top);
  }
}

/** A total order: among equal ids the order of lines must not decide. */
function younger(a: Mount | null, b: Mount): Mount {
  if (a === null) return b;
  const difference = (b.id ?? 0) - (a.id ?? 0);
  if (difference !== 0) return difference > 0 ? b : a;
  return order(b) > order(a) ? b : a;
}

const order = (mount: Mount): string => `${identity(mount)} ${mount.mountPoint}`;

/** Whether the table does not say where a mount is: its parent is missing or not above it. */
function isLost(mount: Mount, { byId, below, start }: Index): boolean {
  const { parentId } = mount;
  if (parentId === null || below.has(parentId) || start.has(mount)) return false;
  const parents = byId.get(parentId) ?? [];
  return !parents.some((parent) => parent !== mount && isAtOrBelow(pathOf(mount), pathOf(parent)));
}

/** The paths under which this process may open what a mount of the cell shows, best first. */
export type WaysToOpen = (mount: Mount) => readonly ByteString[];

/**
 * This process opens paths in its own mount namespace, so it opens a mount of the cell's table
 * through a mount of its own that shows the same: at the same mount point if it is there, else at
 * the best one. Under bpm the two tables differ, but /sys/fs/cgroup can be mounted into ours. Where
 * the cell is shown below a directory, its path below that comes first.
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
