import { asByteString, type ByteString } from '../model/ids.ts';
import { cgroupVersion, type Mount } from '../model/mount.ts';
import { isAtOrBelow, isBelow, joinPath, ROOT } from '../model/paths.ts';
import { pathIn } from '../model/process.ts';
import type { TakenMount } from '../model/sensor.ts';
import { pathWalk, type PathWalk } from '../mounts/reachability.ts';
import type { CgroupLevel, RunningContainer, SensedCell } from './sensed-cell.ts';
import type { ScanMount } from './tools.ts';

/** The cgroup paths that Falco has of a process, in its order; null: a cgroup has vanished. */
type FalcoPaths = readonly ByteString[] | null;

/** The order of the cgroups in a kernel event of Falco (libs auxmap_store_params.h:1703). */
const EVENT_ORDER = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory'] as const;
/** A kernel event has at most this many components of a path (MAX_CGROUP_PATH_POINTERS). */
const MAX_COMPONENTS = 6;

/** The paths that Falco has of a process that a kernel event brings. They depend on no mount. */
export function eventPaths(container: RunningContainer, cell: SensedCell): FalcoPaths {
  if (cell.mode !== 'v2') return pathsOfV1(container, cell, EVENT_ORDER).map(lastComponents);
  const levels = knownLevels(container);
  const paths = levels && EVENT_ORDER.flatMap((name) => innermostWith(name, levels) ?? []);
  return paths && paths.map((path) => lastComponents(belowScope(path, cell, 'v2')));
}

const lastComponents = (path: ByteString): ByteString => {
  const components = path.split('/').slice(1);
  return components.length <= MAX_COMPONENTS
    ? path
    : asByteString(`/${components.slice(-MAX_COMPONENTS).join('/')}`);
};

function pathsOfV1(
  { membership }: RunningContainer,
  cell: SensedCell,
  order: readonly string[] = Object.keys(membership ?? {}),
): readonly ByteString[] {
  return order
    .filter((name) => name !== 'v2')
    .flatMap((name) => {
      const path = pathIn(membership, name);
      return path === undefined ? [] : [belowScope(path, cell, name)];
    });
}

/** What the scan of /proc at Falco's start shows. */
export interface FalcoScan {
  /** The mount below which the scan reads. */
  readonly taken: TakenMount;
  readonly pathsOf: (container: RunningContainer) => FalcoPaths;
}

/**
 * On v2 the scan reads `cgroup.controllers` below one mount of pid 1, at the process's cgroup and at
 * those above it, and takes for each controller the innermost cgroup that has it
 * (scap_cgroup_resolve_v2).
 */
export function falcoScan(rule: ScanMount, cell: SensedCell): FalcoScan {
  if (cell.mode !== 'v2') {
    return { taken: { kind: 'none' }, pathsOf: (container) => pathsOfV1(container, cell) };
  }
  const walk = pathWalk(cell.mounts.cellTable);
  const known = controllersOf(cell);
  const mount = scannedMount(rule, cell, { walk, known });
  if (mount === null) return { taken: { kind: 'none' }, pathsOf: () => [] };
  const controllersAt = (path: ByteString): readonly string[] | null => {
    const below = path === ROOT ? mount.mountPoint : joinPath(mount.mountPoint, path.slice(1));
    const cgroup = cgroupAt(below, walk);
    return cgroup === null ? null : (known.get(cgroup) ?? null);
  };
  return {
    taken: {
      kind: 'mount',
      mount,
      shown: walk.endsOn(mount.mountPoint),
      mayBeYounger: false,
    },
    pathsOf: (container) => resolved(container, cell, { rule, controllersAt }),
  };
}

/** The paths that the scan would find if it took a mount that shows the whole hierarchy. */
export const scanOfAll = (container: RunningContainer, cell: SensedCell): FalcoPaths =>
  cell.mode === 'v2'
    ? resolved(container, cell, {
        rule: 'last',
        controllersAt: (path) =>
          knownLevels(container)?.find((level) => level.path === path)?.controllers ?? null,
      })
    : pathsOfV1(container, cell);

interface ScanRead {
  readonly rule: ScanMount;
  /** The content of `cgroup.controllers` for a cgroup path; null: there is no such file below the mount. */
  readonly controllersAt: (path: ByteString) => readonly string[] | null;
}

function resolved(
  container: RunningContainer,
  cell: SensedCell,
  { rule, controllersAt }: ScanRead,
): FalcoPaths {
  const levels = knownLevels(container);
  if (levels === null) return null;
  const found = new Map<string, ByteString>();
  for (const { path } of levels) {
    const controllers = controllersAt(path);
    // Since libs 0.22 a missing file fails the scan of the process; before, it was an empty one.
    if (controllers === null && rule === 'first-with-controllers') return [];
    for (const name of controllers ?? []) if (!found.has(name)) found.set(name, path);
  }
  return [...found.values()].map((path) => belowScope(path, cell, 'v2'));
}

/** The controllers of every cgroup with a container and of those above, by its path. */
const controllersOf = ({ containers }: SensedCell): ReadonlyMap<ByteString, readonly string[]> =>
  new Map(
    containers.flatMap((container) =>
      (knownLevels(container) ?? []).map(({ path, controllers }) => [path, controllers] as const),
    ),
  );

/** The mount that the scan takes by a rule; null: the cell has no cgroup2 mount. */
function scannedMount(
  rule: ScanMount,
  { mounts: { cellTable } }: SensedCell,
  { walk, known }: { readonly walk: PathWalk; readonly known: ReturnType<typeof controllersOf> },
): Mount | null {
  const mounts = cellTable.mounts.filter((mount) => cgroupVersion(mount) === 2);
  const last = mounts.at(-1) ?? null;
  if (rule === 'last') return last;
  const hasControllers = ({ mountPoint }: Mount): boolean => {
    const cgroup = cgroupAt(mountPoint, walk);
    // A cgroup that is above no container is taken to have controllers.
    return cgroup !== null && known.get(cgroup)?.length !== 0;
  };
  return mounts.find(hasControllers) ?? last;
}

/** The cgroup of v2 that lies at a path, whether or not it exists; null: something else does. */
function cgroupAt(path: ByteString, walk: PathWalk): ByteString | null {
  const mount = walk.endsOn(path);
  if (mount === null || cgroupVersion(mount) !== 2 || mount.root === null) return null;
  const rest = path.slice(mount.mountPoint.length + 1);
  return rest === '' ? mount.root : joinPath(mount.root, rest);
}

/**
 * Whether no cgroup of the container itself has a controller that Falco reads, only those above it.
 * @param reads the controllers of a kernel event; the scan reads all of them
 */
export const lacksControllers = (
  { handle, levels }: RunningContainer,
  reads: 'event' | 'scan',
): boolean => {
  const own = (levels ?? []).filter(({ path }) => path.split('/').includes(handle));
  const isRead = (controller: string): boolean =>
    reads === 'scan' || EVENT_ORDER.some((name) => ofV2(name) === controller);
  return (
    own.length > 0 &&
    own.every(({ controllers }) => controllers !== null && !controllers.some(isRead))
  );
};

type KnownLevel = { readonly path: ByteString; readonly controllers: readonly string[] };

/** The name in v2 of a controller that Falco names as in v1, where `io` is `blkio`. */
const ofV2 = (name: string): string => (name === 'blkio' ? 'io' : name);

/**
 * The cgroup of a process in v2 and those above it. Without its controllers, a cgroup is taken to
 * have all, as those of a real gdn have. Null: one has vanished.
 */
function knownLevels({ membership, levels }: RunningContainer): readonly KnownLevel[] | null {
  if (levels !== null) return levels.every(isThere) ? levels : null;
  const path = pathIn(membership, 'v2');
  const unread = path === undefined ? [] : [...new Set([path, ROOT])];
  return unread.map((one) => ({ path: one, controllers: EVENT_ORDER.map(ofV2) }));
}

const isThere = (level: CgroupLevel): level is KnownLevel => level.controllers !== null;

const innermostWith = (name: string, levels: readonly KnownLevel[]): ByteString | undefined =>
  levels.find(({ controllers }) => controllers.includes(ofV2(name)))?.path;

/** The path as a sensor reads it on a cell whose pid 1 is at the top. */
export function belowScope(
  path: ByteString,
  { mounts: { firstProcessPaths } }: SensedCell,
  controller: string,
): ByteString {
  const scope = asByteString(
    (pathIn(firstProcessPaths, controller) ?? '/').replace(/\/init\.scope$/, '') || '/',
  );
  if (isBelow(path, scope)) return scope === '/' ? path : asByteString(path.slice(scope.length));
  return isAtOrBelow(scope, path) ? ROOT : path;
}
