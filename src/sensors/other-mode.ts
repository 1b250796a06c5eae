import { asByteString, asDevice, type ByteString } from '../model/ids.ts';
import { CGROUP_MOUNT_POINT, cgroupVersion, ROOT_INODE, type Mount } from '../model/mount.ts';
import { isGardenDirectory, joinPath, ROOT } from '../model/paths.ts';
import type { Membership } from '../model/process.ts';
import type { OtherMode } from '../model/sensor.ts';
import type { MountInputs } from '../model/snapshot.ts';
import { belowScope } from './falco-paths.ts';
import type { RunningContainer, SensedCell } from './sensed-cell.ts';

/*
 * The same containers on a cell in another mode: with cgroup v2, or with Garden's CPU throttling. Where
 * Garden would make their cgroups follows from guardian (rundmc/cgroups, bundlerules/cgroup_path.go).
 */

export type Runtime = 'runc' | 'containerd';

/** Whether the cell has that mode; null: no container shows it. */
export function hasMode(cell: SensedCell, mode: OtherMode): boolean | null {
  if (mode === 'v2') return cell.mode === 'v2';
  const places = cell.containers.flatMap((container) => placesOf(container, cell));
  const inGarden = places.filter(({ place }) => place !== 'outside');
  return inGarden.length === 0 ? null : inGarden.some(({ place }) => place !== 'garden');
}

/** The runtime that the cell shows; null: v1 does not show it. */
export const runtimeOf = (cell: SensedCell): Runtime | null => {
  if (cell.mode !== 'v2') return null;
  const inGarden = cell.containers
    .flatMap((container) => placesOf(container, cell))
    .filter(({ place }) => place !== 'outside');
  if (inGarden.length === 0) return null;
  return inGarden.some(({ tail }) => tail.at(-1) === INIT) ? 'containerd' : 'runc';
};

/**
 * The cell in the other mode, with the cgroups that Garden would make. All of them have all
 * controllers, as a real gdn makes them, and no throttled app is `bad` yet.
 * @param runtime what gdn uses; it decides the cgroups of v2
 */
export function inOtherMode(cell: SensedCell, mode: OtherMode, runtime: Runtime): SensedCell {
  const isV2 = mode === 'v2' || cell.mode === 'v2';
  const target: Target = {
    isV2,
    isThrottled: mode === 'throttled' || hasMode(cell, 'throttled') === true,
    runtime,
  };
  return {
    mode: isV2 ? 'v2' : cell.mode,
    mounts: mode === 'v2' ? MOUNTS_OF_V2 : movedMounts(cell, target),
    containers: cell.containers.map((container) => ({
      ...container,
      membership: membershipIn(container, cell, target),
      levels: null,
    })),
  };
}

interface Target {
  readonly isV2: boolean;
  readonly isThrottled: boolean;
  readonly runtime: Runtime;
}

const INIT = 'init';
const V2_SLICE = '/system.slice';

/** Where a cgroup path is: what is above Garden's directory, which of its places, and what is below. */
interface Place {
  readonly above: ByteString;
  /** `outside`: that of a privileged container, beside Garden's directory. */
  readonly place: 'garden' | 'good' | 'bad' | 'outside';
  /** The name of Garden's directory. */
  readonly directory: string;
  readonly tail: readonly string[];
  /** Not a side process with a cgroup beside the container's. */
  readonly isContainer: boolean;
}

function placeIn(path: ByteString, handle: string): Place | null {
  const parts = path.split('/').slice(1);
  // A cell that is a container lies below a Garden directory of another cell.
  const own = parts.findIndex((part) => part === handle || part.startsWith(`${handle}-`));
  if (own < 0) return null;
  const tail = parts.slice(own);
  const isContainer = parts[own] === handle;
  const isSplit = parts[own - 1] === 'good' || parts[own - 1] === 'bad';
  const at = isSplit ? own - 2 : own - 1;
  const directory = parts[at];
  const pathTo = (end: number): ByteString => asByteString(`/${parts.slice(0, end).join('/')}`);
  if (directory === undefined || !isGardenDirectory(directory)) {
    return { above: pathTo(own), place: 'outside', directory: 'garden', tail, isContainer };
  }
  const place = isSplit ? (parts[own - 1] === 'good' ? 'good' : 'bad') : 'garden';
  return { above: pathTo(at), place, directory, tail, isContainer };
}

const placesOf = ({ handle, membership }: RunningContainer, cell: SensedCell): readonly Place[] =>
  Object.entries(membership ?? {}).flatMap(
    ([name, path]) => placeIn(belowScope(path, cell, name), handle) ?? [],
  );

function membershipIn(
  container: RunningContainer,
  cell: SensedCell,
  target: Target,
): Membership | null {
  const { handle, membership } = container;
  if (membership === null) return null;
  if (target.isV2) {
    const [place] = placesOf(container, cell).toSorted(badFirst);
    return place === undefined ? null : { v2: pathInV2(place, target) };
  }
  return Object.fromEntries(
    Object.entries(membership).map(([name, path]) => {
      const place = placeIn(path, handle);
      return [name, place === null ? path : pathInV1(place, path, target)];
    }),
  );
}

/** Of an app that Garden throttles on v1, only the cgroup of cpu is in `bad`. */
const badFirst = (a: Place, b: Place): number =>
  Number(b.place === 'bad') - Number(a.place === 'bad');

function pathInV1(
  { above, place, directory, tail }: Place,
  path: ByteString,
  target: Target,
): ByteString {
  if (place !== 'garden' || !target.isThrottled) return path;
  return joined(above, directory, 'good', ...tail);
}

/** runc takes the path from the top, and for a privileged container the slice of gdn's unit (fs2/defaultpath.go:53). */
function pathInV2(
  { place, directory, tail, isContainer }: Place,
  { isThrottled, runtime }: Target,
): ByteString {
  const own = tail.at(-1) === INIT ? tail.slice(0, -1) : tail;
  if (place === 'outside') return joined(asByteString(V2_SLICE), ...own);
  const parts = [directory, ...(isThrottled ? [place === 'bad' ? 'bad' : 'good'] : []), ...own];
  // Only the container itself has a leaf, not its side processes, nor one in `bad`.
  const isLeaf = runtime === 'containerd' && isContainer && own.length === 1 && place !== 'bad';
  return joined(ROOT, ...parts, ...(isLeaf ? [INIT] : []));
}

const joined = (above: ByteString, ...parts: readonly string[]): ByteString =>
  parts.reduce<ByteString>((path, part) => joinPath(path, part), above);

const V2_MOUNT: Mount = {
  line: 1,
  id: 1,
  parentId: 0,
  device: asDevice('0:1'),
  root: ROOT,
  mountPoint: CGROUP_MOUNT_POINT,
  optionalFields: 1,
  fstype: 'cgroup2',
  source: asByteString('cgroup'),
  superOptions: [],
};
const V2_TABLE = {
  format: 'mountinfo',
  mounts: [V2_MOUNT],
  malformed: [],
  longLine: null,
} as const;

/** As a stemcell with cgroup v2 has them: one mount, of the whole hierarchy. */
const MOUNTS_OF_V2: MountInputs = {
  source: '',
  root: '/',
  namespace: 'initial',
  pidNamespace: 'initial',
  cellTable: V2_TABLE,
  ownTable: V2_TABLE,
  stats: new Map([
    [
      CGROUP_MOUNT_POINT,
      {
        kind: 'read',
        magic: 0x63677270,
        device: asDevice('0:1'),
        inode: ROOT_INODE,
        hasReleaseAgent: false,
        hasCgroupEvents: false,
      },
    ],
  ]),
  firstProcessPaths: null,
};

/** The same mounts; those of containers show the cgroups to which these moved. */
function movedMounts(cell: SensedCell, target: Target): MountInputs {
  const { cellTable } = cell.mounts;
  const handles = new Set<string>(cell.containers.map(({ handle }) => handle));
  const moved = (mount: Mount): Mount => {
    const { root } = mount;
    const handle = root?.split('/').find((part) => handles.has(part));
    const place =
      root === null || handle === undefined || cgroupVersion(mount) === null
        ? null
        : placeIn(root, handle);
    if (root === null || place === null) return mount;
    return {
      ...mount,
      root: target.isV2 ? pathInV2(place, target) : pathInV1(place, root, target),
    };
  };
  return { ...cell.mounts, cellTable: { ...cellTable, mounts: cellTable.mounts.map(moved) } };
}
