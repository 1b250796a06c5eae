import type { Hierarchy } from '../model/hierarchy.ts';
import { cgroupVersion, type Mount, type MountTable } from '../model/mount.ts';

/**
 * Options of a v1 mount that are not controllers: those of cgroup1_show_options
 * (kernel/cgroup/cgroup-v1.c), of the super block and of the security modules; in /proc/mounts also
 * those of the mount itself. Any other bare word is a controller. This way new controllers (`misc`
 * in 5.13), rare ones (`debug`) and vendor ones count.
 */
const NO_CONTROLLER = new Set(
  (
    'rw ro sync dirsync mand lazytime nosuid nodev noexec noatime nodiratime relatime strictatime nosymfollow idmapped ' +
    'seclabel all none xattr noprefix clone_children cpuset_v2_mode favordynmods ' +
    'nsdelegate memory_localevents memory_recursiveprot memory_hugetlb_accounting pids_localevents'
  ).split(' '),
);
const CONTROLLER = /^[a-z][a-z0-9_]*$/i;

export interface HierarchyMounts {
  readonly hierarchy: Hierarchy;
  /** In no particular order; a mount that the table lists twice appears once. */
  readonly mounts: readonly Mount[];
}

/** The hierarchy that a mount belongs to; null if it is not a cgroup mount. */
export function hierarchyOf(mount: Mount): Hierarchy | null {
  const version = cgroupVersion(mount);
  if (version === null) return null;
  if (version === 2) return { device: mount.device, version, controllers: [], name: null };
  const { superOptions } = mount;
  // `name=cpuset` is a named hierarchy; it has no controller.
  const name = superOptions.find((option) => option.startsWith('name='))?.slice(5) ?? null;
  const controllers = superOptions.filter(
    (option) => CONTROLLER.test(option) && !NO_CONTROLLER.has(option),
  );
  return { device: mount.device, version, controllers: [...new Set(controllers)], name };
}

/**
 * Equal for mounts of one hierarchy. The kernel gives every hierarchy its own device. The options
 * distinguish hierarchies that a forged table puts on one device, and are the only sign in
 * /proc/mounts.
 */
export const hierarchyKey = ({ device, version, controllers, name }: Hierarchy): string =>
  JSON.stringify([version, device, [...controllers].toSorted(), name]);

/** The cgroup mounts by hierarchy: v1 by controller, then named ones, then v2. */
export function groupByHierarchy(table: MountTable): readonly HierarchyMounts[] {
  const groups = new Map<string, { hierarchy: Hierarchy; mounts: Mount[] }>();
  const ids = new Set<number | null>();
  const isListed = (mount: Mount, mounts: readonly Mount[]): boolean =>
    table.format === 'mountinfo' &&
    ids.has(mount.id) &&
    mounts.some((one) => isSameMount(one, mount));
  for (const mount of table.mounts) {
    const hierarchy = hierarchyOf(mount);
    if (hierarchy === null) continue;
    const key = hierarchyKey(hierarchy);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hierarchy, mounts: [mount] });
    else if (!isListed(mount, group.mounts)) {
      group.mounts.push(mount);
      group.hierarchy = firstOf(group.hierarchy, hierarchy);
    }
    ids.add(mount.id);
  }
  return [...groups.values()].toSorted((a, b) => compare(rank(a.hierarchy), rank(b.hierarchy)));
}

/** If lines of one hierarchy disagree, their order must not decide. */
const firstOf = (a: Hierarchy, b: Hierarchy): Hierarchy =>
  compare(a.controllers.join(), b.controllers.join()) <= 0 ? a : b;

function rank({ version, controllers, name, device }: Hierarchy): string {
  const kind = version === 2 ? 2 : controllers.length > 0 ? 0 : 1;
  return [kind, [...controllers].toSorted().join(), name ?? '', device ?? ''].join('\0');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A table that changed while it was read can list a mount twice. */
export const isSameMount = (a: Mount, b: Mount): boolean =>
  a === b || (a.id === b.id && a.mountPoint === b.mountPoint && identity(a) === identity(b));

/** Orders mounts with equal ids and mount points, so that the order of lines does not decide. */
export const identity = ({ parentId, device, root, fstype, source, superOptions }: Mount): string =>
  JSON.stringify([parentId, device, root, fstype, source, superOptions]);
