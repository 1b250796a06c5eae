import { asByteString, type ByteString } from '../model/ids.ts';
import { cgroupVersion, type Mount, type MountTable } from '../model/mount.ts';
import { isAtOrBelow, parentOf, ROOT, pathBelow } from '../model/paths.ts';
import {
  identity,
  isSameMount,
  groupByHierarchy,
  hierarchyKey,
  hierarchyOf,
} from './hierarchies.ts';
import { preferred } from './mount-preference.ts';

/** Of a walk: a listed mount, or the id of one that is not listed (null: even that is unknown). */
type Position = Mount | number | null;

/** open(2) refuses a longer path (PATH_MAX with its closing zero). */
const MAX_PATH = 4095;

export interface PathWalk {
  /** Whether opening the mount's mount point can end on this very mount. */
  reaches(mount: Mount): boolean;
  /** Whether a chain of listed mounts leads from the start of a walk to this cgroup mount. */
  parentsLeadTo(mount: Mount): boolean;
  /** The mount on which opening this path ends; null: none, or one that the table lacks. */
  endsOn(path: ByteString): Mount | null;
}

/**
 * Replays the kernel's path walk (fs/namei.c step_into → fs/namespace.c lookup_mnt) on the ids of a
 * table. At every component it steps from its mount onto the child mounted there, then onto the
 * mount on top of that, as long as there is one. A mount on top of a mount that the walk does not
 * pass is hidden. Neither the order of the lines nor the size of the ids has an effect: a parent
 * may come after its child and have the larger id.
 *
 * The walk starts on the mount below `/`, which the table does not list: it is the absent parent of
 * the `/` mount, and `/` hides its other children. A table without `/` (the reader is in a chroot,
 * or the table was filtered) starts there too if all absent parents are the same. Any other mount
 * without its parent in the table (a line was lost or filtered) could be anywhere: the walk treats
 * it as possible and lets it hide nothing.
 *
 * Since Linux 4.11 two mounts of one parent cannot share a mount point (1064f874abc0 tucks one
 * below the other), but a table that changed while it was read can show them. Then the larger id
 * counts, which is usually the younger.
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
      const listed = mount.id === null ? [mount] : index.byId.get(mount.id);
      return listed?.some((one) => isSameMount(one, mount) && positions.has(one)) === true;
    },
    parentsLeadTo: (mount) => (led ??= cgroupMountsLedTo(table.mounts, index)).has(mount),
    endsOn: (path) => positionsAt(path).youngest(),
  };
}

const isMount = (position: Position): position is Mount =>
  typeof position === 'object' && position !== null;

/** A few recorded tables have mount points relative to a directory, here taken as `/`. */
const absolute = (path: ByteString): ByteString =>
  path[0] === '/' ? path : asByteString(`/${path}`);

const pathOf = (mount: Mount): ByteString => absolute(mount.mountPoint);

interface Index {
  readonly byPath: MountsByPath;
  readonly byId: ReadonlyMap<number | null, readonly Mount[]>;
  /** Where the walk starts, before `/`. */
  readonly start: Positions;
  /** The ids of unlisted mounts in `start`. */
  readonly below: ReadonlySet<number>;
}

function indexOf(mounts: readonly Mount[]): Index {
  const byPath = new MountsByPath(mounts);
  const byId = Map.groupBy(mounts, ({ id }) => id);
  const roots = byPath.get(ROOT);
  // The first mount of a namespace is its own parent, listed if `/` was not changed after boot.
  const first = roots.filter(({ id, parentId }) => id === parentId);
  const absent = absentParents(roots.length === 0 ? mounts : roots, byId);
  const below = roots.length === 0 && absent.size > 1 ? new Set<number>() : absent;
  const start = new Set<Position>([...first, ...below]);
  // In a broken table the `/` mounts can be each other's parents: any of them may be the start.
  if (start.size === 0) for (const root of roots) start.add(root);
  return { byPath, byId, below, start: new Positions(NOWHERE, start.size === 0 ? [null] : start) };
}

/** A walk asks for few of thousands of paths, so those of one length are hashed when one of them is asked for. */
class MountsByPath {
  readonly #byLength: ReadonlyMap<number, readonly Mount[]>;
  readonly #asked = new Map<number, ReadonlyMap<ByteString, readonly Mount[]>>();

  constructor(mounts: readonly Mount[]) {
    this.#byLength = Map.groupBy(mounts, (mount) => pathOf(mount).length);
  }

  get(path: ByteString): readonly Mount[] {
    let ofLength = this.#asked.get(path.length);
    if (ofLength === undefined) {
      ofLength = Map.groupBy(this.#byLength.get(path.length) ?? [], pathOf);
      this.#asked.set(path.length, ofLength);
    }
    return ofLength.get(path) ?? [];
  }
}

const absentParents = (mounts: readonly Mount[], byId: Index['byId']): ReadonlySet<number> =>
  new Set(
    mounts.flatMap(({ parentId }) => (parentId === null || byId.has(parentId) ? [] : [parentId])),
  );

type Children = ReadonlyMap<number, readonly Mount[]>;

/** Mounts by the id of their parent. */
function childrenIn(mounts: Iterable<Mount>): Map<number, Mount[]> {
  const children = new Map<number, Mount[]>();
  for (const mount of mounts) {
    if (mount.parentId === null) continue;
    const list = children.get(mount.parentId);
    if (list === undefined) children.set(mount.parentId, [mount]);
    else list.push(mount);
  }
  return children;
}

/**
 * The positions at which a walk can be after a path: the earlier ones without those that moved, and
 * the new ones. Mount points below one directory share the earlier positions: with a copy for each,
 * 32,000 mounts without parents took 13 seconds.
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
  if (here.length === 0) return before;
  const children = childrenIn(here);
  for (const list of children.values()) if (list.length > 1) list.sort(youngestFirst);
  const standing = [...children.keys()].flatMap((id) =>
    [id, ...(index.byId.get(id) ?? [])].filter((position) => before.has(position)),
  );
  const lost = here.filter((mount) => isLost(mount, index));
  const came = [...standing, ...lost].map((position) => climb(position, children));
  return new Positions(before, came, new Set(standing));
}

/**
 * From a mount to the topmost one on it at one mount point. It also terminates if the table has a
 * cycle.
 * @param children at this mount point, the youngest first
 */
function climb(from: Position, children: Children): Position {
  /** The number of children of each id that were already climbed. */
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

/** A total order, because among equal ids the order of lines must not decide. */
function younger(a: Mount, b: Mount): Mount {
  const difference = (b.id ?? 0) - (a.id ?? 0);
  if (difference !== 0) return difference > 0 ? b : a;
  return order(b) > order(a) ? b : a;
}

const youngestFirst = (a: Mount, b: Mount): number => (a === b ? 0 : younger(a, b) === a ? -1 : 1);

const order = (mount: Mount): string => `${identity(mount)} ${mount.mountPoint}`;

/** Whether the table does not show where a mount is: its parent is missing or not above it. */
function isLost(mount: Mount, { byId, below, start }: Index): boolean {
  const { parentId } = mount;
  if (parentId === null || below.has(parentId) || start.has(mount)) return false;
  const isAbove = (parent: Mount): boolean =>
    parent !== mount && isAtOrBelow(pathOf(mount), pathOf(parent));
  return byId.get(parentId)?.some(isAbove) !== true;
}

/** See `PathWalk.parentsLeadTo`. */
function cgroupMountsLedTo(mounts: readonly Mount[], index: Index): ReadonlySet<Mount> {
  const { byId, below, start } = index;
  const asked = new Set(mounts.filter((mount) => cgroupVersion(mount) !== null));
  // Ids may repeat in a damaged table, so each of them is looked up once.
  const lookedUp = new Set<number | null>([null]);
  // Iterating over a set also visits elements that are added during the loop.
  for (const { parentId } of asked) {
    if (lookedUp.has(parentId)) continue;
    lookedUp.add(parentId);
    for (const parent of byId.get(parentId) ?? []) asked.add(parent);
  }
  const children = childrenIn(asked);
  const led = new Set(
    [...asked].filter((mount) => start.has(mount) || below.has(mount.parentId ?? Number.NaN)),
  );
  const places = new Set<string>();
  for (const parent of led) {
    const place = `${parent.id} ${pathOf(parent)}`;
    if (parent.id === null || places.has(place)) continue;
    places.add(place);
    for (const mount of children.get(parent.id) ?? [])
      if (isAtOrBelow(pathOf(mount), pathOf(parent))) led.add(mount);
  }
  return led;
}

/** The paths at which this process may open what a mount of the cell shows, best first. */
export type WaysToOpen = (mount: Mount) => readonly ByteString[];

/**
 * This process opens paths in its own mount namespace. It therefore opens a mount in the cell's
 * table through one of its own mounts that shows the same: the one at the same mount point if there
 * is one, otherwise the best. Under bpm the two tables differ, but the cell's /sys/fs/cgroup can be
 * mounted into ours. If the cell is shown below a directory, its path below that directory comes
 * first.
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
