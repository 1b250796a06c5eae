import type { Hierarchy } from '../model/hierarchy.ts';
import { cgroupVersion, type Mount, type MountTable } from '../model/mount.ts';

/**
 * Words among the options of a v1 mount that name no controller: those of cgroup1_show_options (kernel/cgroup/
 * cgroup-v1.c), of the super block and of the security modules; for /proc/mounts also those of the mount itself. Any
 * other bare word is a controller, so that one which is new (`misc` in 5.13), rare (`debug`) or of a vendor counts.
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
  /** In no meaningful order; a mount that is listed twice once. */
  readonly mounts: readonly Mount[];
}

/** The hierarchy that a mount belongs to; null for a mount of anything else. */
export function hierarchyOf(mount: Mount): Hierarchy | null {
  const version = cgroupVersion(mount);
  if (version === null) return null;
  if (version === 2) return { device: mount.device, version, controllers: [], name: null };
  const { superOptions } = mount;
  // `name=cpuset` is a hierarchy that somebody named so; it holds no controller.
  const name = superOptions.find((option) => option.startsWith('name='))?.slice(5) ?? null;
  const controllers = superOptions.filter(
    (option) => CONTROLLER.test(option) && !NO_CONTROLLER.has(option),
  );
  return { device: mount.device, version, controllers: [...new Set(controllers)], name };
}

/**
 * Equal for mounts of one hierarchy. Its device alone would do for the kernel, which gives every hierarchy one; the
 * options keep apart what a doctored table puts on one device, and are all there is in /proc/mounts.
 */
export const hierarchyKey = ({ device, version, controllers, name }: Hierarchy): string =>
  JSON.stringify([version, device, [...controllers].toSorted(), name]);

/** The cgroup mounts of a table by hierarchy: v1 by controller, then named ones, then v2, whatever the order of lines. */
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

/** The lines of one hierarchy show its controllers in one order; where they do not, the order of lines must not matter. */
const firstOf = (a: Hierarchy, b: Hierarchy): Hierarchy =>
  compare(a.controllers.join(), b.controllers.join()) <= 0 ? a : b;

function rank({ version, controllers, name, device }: Hierarchy): string {
  const kind = version === 2 ? 2 : controllers.length > 0 ? 0 : 1;
  return [kind, [...controllers].toSorted().join(), name ?? '', device ?? ''].join('\0');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One mount can be listed twice in a table that changed while it was read. */
export const isSameMount = (a: Mount, b: Mount): boolean =>
  a === b || (a.id === b.id && a.mountPoint === b.mountPoint && identity(a) === identity(b));

/** Orders mounts whose ids and mount points are equal, so that not even then the lines decide. */
export const identity = ({ parentId, device, root, fstype, source, superOptions }: Mount): string =>
  JSON.stringify([parentId, device, root, fstype, source, superOptions]);
