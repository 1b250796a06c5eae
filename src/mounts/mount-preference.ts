import { CGROUP_MOUNT_POINT, type Mount } from '../model/mount.ts';
import { isBelow, parentOf } from '../model/paths.ts';
import { identity } from './hierarchies.ts';

/** Where grootfs, docker, containers/storage, rkt, containerd and lxc keep root filesystems. */
const CONTAINER_ROOT =
  /.\/(?:rootfs|merged|grootfs|rkt\/pods|aufs\/mnt|(?:devicemapper|btrfs|zfs)\/(?:mnt|subvolumes|graph)|io\.containerd\.[^/]+)(?:\/|$)|^\/(?:proc\/\d+\/root|var\/lib\/(?:docker|containers|containerd|lxc|kubelet\/pods))\//;

interface Criterion {
  /** Completes "it is preferred because it …". */
  readonly because: string;
  readonly order: (a: Mount, b: Mount) => number;
}

const by =
  (key: (mount: Mount) => number) =>
  (a: Mount, b: Mount): number =>
    key(a) - key(b);

function byText(key: (mount: Mount) => string) {
  return (a: Mount, b: Mount): number => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

/** Whether a mount is reachable through listed mounts; see `PathWalk`. */
export interface ListedParents {
  parentsLeadTo(mount: Mount): boolean;
}

/**
 * Orders mounts that show the same part of a hierarchy. The order of lines is not a criterion; the
 * last criterion never ties. A mount whose parent is missing, or is not above it, may not be at its
 * mount point at all.
 */
const criteria = (walk: ListedParents): readonly Criterion[] => [
  {
    because: 'is reachable through listed mounts',
    order: by((mount) => (walk.parentsLeadTo(mount) ? 0 : 1)),
  },
  { because: 'is at the standard path under /sys/fs/cgroup', order: by(distanceFromStandard) },
  {
    because: "is not inside a container's root file system",
    order: by(({ mountPoint }) => (CONTAINER_ROOT.test(mountPoint) ? 1 : 0)),
  },
  { because: 'has the longest path', order: by(({ mountPoint }) => -mountPoint.length) },
  { because: 'has the lowest mount id', order: by(({ id }) => id ?? 0) },
  { because: 'comes first by name', order: byText(({ mountPoint }) => mountPoint) },
  { because: 'comes first by what it shows', order: byText(identity) },
];

function distanceFromStandard({ mountPoint }: Mount): number {
  if (mountPoint === CGROUP_MOUNT_POINT || parentOf(mountPoint) === CGROUP_MOUNT_POINT) return 0;
  return isBelow(mountPoint, CGROUP_MOUNT_POINT) ? 1 : 2;
}

/** Sorts the preferred mount to the front. */
export function preferred(walk: ListedParents): (a: Mount, b: Mount) => number {
  const orders = criteria(walk).map(({ order }) => order);
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/** Why one mount is preferred to the other; completes "it …". */
export const preferenceOf = (taken: Mount, other: Mount, walk: ListedParents): string =>
  criteria(walk).find(({ order }) => order(taken, other) !== 0)?.because ?? 'is the same mount';
