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

/** open(2) refuses a longer path (PATH_MAX with its closing zero). */
const MAX_PATH = 4095;

export interface PathWalk {
  /** Whether opening the mount's mount point can end on this very mount. */
  reaches(mount: Mount): boolean;
  /** Whether listed mounts, each at or above the next, lead from the start of a walk to this. */
  parentsLeadTo(mount: Mount): boolean;
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
  if (table.format === 'mounts')
    return { reaches: () => true, parentsLeadTo: () => true, endsOn: () => null };
  const index = indexOf(table.mounts);
  const walked = new Map<ByteString, Positions>();
  let led: ReadonlySet<Mount> | null = null;
  const walk = (path: ByteString): Positions => {
    const known = walked.get(path);
    if (known !== undefined) return known;
    const before = path === ROOT ? index.start : walk(parentOf(path));
    const positions = step(before, path, index);
    walked.set(path, positions);
    return positions;
  };
  const positionsAt = (path: ByteString): Positions =>
    path.length > MAX_PATH ? NOWHERE : walk(absolute(path));
  return {
    reaches: (mount) => {
      const positions = positionsAt(mount.mountPoint);
      const listed = mount.id === null ? [mount] : (index.byId.get(mount.id) ?? []);
      return listed.some((one) => isSameMount(one, mount) && positions.has(one));
    },
    parentsLeadTo: (mount) => (led ??= mountsLedTo(table.mounts, index)).has(mount),
    endsOn: (path) => positionsAt(path).youngest(),
  };
}

const isMount = (position: Position): position is Mount =>
  typeof position === 'object' && position !== null;

/** A few recorded tables have mount points relative to a directory, here taken as `/`. */
const absolute = (path: ByteString): ByteString =>
  path.startsWith('/') ? path : asByteString(`/${path}`);

const pathOf = (mount: Mount): ByteString => absolute(mount.mountPoint);

interface Index {
  readonly byPath: ReadonlyMap<ByteString, MountsHere>;
  readonly byId: ReadonlyMap<number, readonly Mount[]>;
  /** Where the walk begins, before `/`. */
  readonly start: Positions;
  /** The ids of unlisted mounts in `start`. */
  readonly below: ReadonlySet<number>;
}

function indexOf(mounts: readonly Mount[]): Index {
  const atPath = new Map<ByteString, Mount[]>();
  const byId = new Map<number, Mount[]>();
  for (const mount of mounts) {
    add(atPath, pathOf(mount), mount);
    if (mount.id !== null) add(byId, mount.id, mount);
  }
  const byPath = new Map(Array.from(atPath, ([path, here]) => [path, mountsHere(here)]));
  const roots = atPath.get(ROOT) ?? [];
  // The first mount of a namespace is its own parent. It shows if `/` was not changed after boot.
  const first = roots.filter(({ id, parentId }) => id === parentId);
  const absent = absentParents(roots.length === 0 ? mounts : roots, byId);
  const below = roots.length === 0 && absent.size > 1 ? new Set<number>() : absent;
  const start = new Set<Position>([...first, ...below]);
  // In a broken table the `/` mounts can be each other's parents; then any may be the one.
  if (start.size === 0) for (const root of roots) start.add(root);
  return { byPath, byId, below, start: new Positions(NOWHERE, start.size === 0 ? [null] : start) };
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

/** The mounts at one mount point, and by the id of their parent, the youngest first. */
interface MountsHere {
  readonly mounts: readonly Mount[];
  readonly children: ReadonlyMap<number, readonly Mount[]>;
}

function mountsHere(mounts: readonly Mount[]): MountsHere {
  const children = new Map<number, Mount[]>();
  for (const mount of mounts) if (mount.parentId !== null) add(children, mount.parentId, mount);
  for (const list of children.values()) if (list.length > 1) list.sort(youngestFirst);
  return { mounts, children };
}

/**
 * Where a walk can stand after a path: where it could before, without the positions that moved, and
 * the new ones. The mount points below one directory share what comes before them: with a copy for
 * each, 32,000 mounts without their parents took 13 seconds.
 */
class Positions {
  readonly #before: Positions | null;
  readonly #moved: ReadonlySet<Position>;
  readonly #came: ReadonlySet<Position>;
  #youngestFirst: readonly Mount[] | null = null;

  constructor(
    before: Positions | null,
    came: Iterable<Position>,
    moved: ReadonlySet<Position> = new Set(),
  ) {
    this.#before = before;
    this.#came = new Set(came);
    this.#moved = moved;
  }

  has(position: Position): boolean {
    if (this.#came.has(position)) return true;
    return !this.#moved.has(position) && (this.#before?.has(position) ?? false);
  }

  /** Null where no mount of the table is among them. */
  youngest(moved: readonly ReadonlySet<Position>[] = []): Mount | null {
    this.#youngestFirst ??= [...this.#came].filter(isMount).toSorted(youngestFirst);
    const isLeft = (mount: Mount): boolean => !moved.some((those) => those.has(mount));
    const came = this.#youngestFirst.find(isLeft) ?? null;
    const before = this.#before?.youngest([...moved, this.#moved]) ?? null;
    return came !== null && before !== null ? younger(came, before) : (came ?? before);
  }
}

const NOWHERE = new Positions(null, []);

function step(before: Positions, path: ByteString, index: Index): Positions {
  const here = index.byPath.get(path);
  if (here === undefined) return before;
  const standing = [...here.children.keys()].flatMap((id) =>
    [id, ...(index.byId.get(id) ?? [])].filter((position) => before.has(position)),
  );
  const lost = here.mounts.filter((mount) => isLost(mount, index));
  const came = [...standing, ...lost].map((position) => climb(position, here));
  return new Positions(before, came, new Set(standing));
}

/** From a mount to the topmost one on it. Also ends in a table with a cycle. */
function climb(from: Position, { children }: MountsHere): Position {
  /** How many of the children of an id were climbed. */
  const climbed = new Map<number, number>();
  let position = from;
  for (;;) {
    const id = isMount(position) ? position.id : position;
    const those = id === null ? undefined : children.get(id);
    if (id === null || those === undefined) return position;
    let next = climbed.get(id) ?? 0;
    if (those[next] === from) next += 1;
    const top = those[next];
    if (top === undefined) return position;
    climbed.set(id, next + 1);
    position = top;
  }
}

/** A total order: among equal ids the order of lines must not decide. */
function younger(a: Mount | null, b: Mount): Mount {
  if (a === null) return b;
  const difference = (b.id ?? 0) - (a.id ?? 0);
  if (difference !== 0) return difference > 0 ? b : a;
  return order(b) > order(a) ? b : a;
}

const youngestFirst = (a: Mount, b: Mount): number => (a === b ? 0 : younger(a, b) === a ? -1 : 1);

const order = (mount: Mount): string => `${identity(mount)} ${mount.mountPoint}`;

/** Whether the table does not say where a mount is: its parent is missing or not above it. */
function isLost(mount: Mount, { byId, below, start }: Index): boolean {
  const { parentId } = mount;
  if (parentId === null || below.has(parentId) || start.has(mount)) return false;
  const parents = byId.get(parentId) ?? [];
  return !parents.some((parent) => parent !== mount && isAtOrBelow(pathOf(mount), pathOf(parent)));
}

/** See `PathWalk.parentsLeadTo`. */
function mountsLedTo(mounts: readonly Mount[], { below, start }: Index): ReadonlySet<Mount> {
  const children = new Map<number, Mount[]>();
  for (const mount of mounts) if (mount.parentId !== null) add(children, mount.parentId, mount);
  const led = new Set(
    mounts.filter((mount) => start.has(mount) || below.has(mount.parentId ?? Number.NaN)),
  );
  // Iterating over a set also visits what is added meanwhile.
  for (const parent of led) {
    for (const mount of parent.id === null ? [] : (children.get(parent.id) ?? []))
      if (isAtOrBelow(pathOf(mount), pathOf(parent))) led.add(mount);
  }
  return led;
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
      mounts.filter((mount) => walk.reaches(mount)).toSorted(preferred(walk)),
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
