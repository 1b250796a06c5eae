import { readFileSync } from 'node:fs';

/** A cgroup hierarchy of this machine, and where this process reaches it. */
export interface HostHierarchy {
  readonly version: 1 | 2;
  /** Empty for v2 and for a named hierarchy without controllers. */
  readonly controllers: readonly string[];
  readonly name: string | null;
  readonly mountPoint: string;
}

export interface HostTables {
  /** /proc/self/mountinfo */
  readonly mountinfo: string;
  /** /proc/cgroups */
  readonly cgroups: string;
}

export const readHostTables = (): HostTables => ({
  mountinfo: readFileSync('/proc/self/mountinfo', 'utf8'),
  cgroups: readFileSync('/proc/cgroups', 'utf8'),
});

interface HostMount {
  readonly device: string;
  readonly root: string;
  readonly mountPoint: string;
  readonly fstype: string;
  readonly options: readonly string[];
}

/**
 * The mounted hierarchies in the order of the table, each once. This reads the table by itself, on purpose: the cell is
 * what the product's own parser is tried against.
 */
export function hostHierarchies({ mountinfo, cgroups }: HostTables): readonly HostHierarchy[] {
  const known = new Set(controllersOf(cgroups));
  const best = new Map<string, HostMount>();
  for (const mount of mountsOf(mountinfo).filter(({ fstype }) => isCgroup(fstype))) {
    const held = best.get(mount.device);
    if (held === undefined || (held.root !== '/' && mount.root === '/')) {
      best.set(mount.device, mount);
    }
  }
  return [...best.values()].map(({ fstype, options, mountPoint }) => ({
    version: fstype === 'cgroup2' ? 2 : 1,
    controllers: fstype === 'cgroup2' ? [] : options.filter((option) => known.has(option)),
    name: options.find((option) => option.startsWith('name='))?.slice('name='.length) ?? null,
    mountPoint,
  }));
}

/** The controllers of /proc/cgroups in that file's order, which is the order in which gdn mounts them. */
export const controllersOf = (cgroups: string): readonly string[] =>
  cgroups
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => line.split('\t')[0] ?? []);

/** What a private copy of this mount table must lose before a cell's own cgroup mounts are made, in the table's order. */
export const cgroupMountPoints = ({ mountinfo }: HostTables): readonly string[] =>
  mountsOf(mountinfo)
    .filter(
      ({ fstype, mountPoint }) => isCgroup(fstype) || /^\/sys\/fs\/cgroup(\/|$)/.test(mountPoint),
    )
    .map(({ mountPoint }) => mountPoint);

const isCgroup = (fstype: string): boolean => fstype === 'cgroup' || fstype === 'cgroup2';

function mountsOf(mountinfo: string): readonly HostMount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [fields, filesystem] = line.split(' - ');
    const [, , device, root, mountPoint] = fields?.split(' ') ?? [];
    const [fstype, , options] = filesystem?.split(' ') ?? [];
    if (device === undefined || root === undefined || mountPoint === undefined) return [];
    if (fstype === undefined) return [];
    const at = decoded(mountPoint);
    return [{ device, root, mountPoint: at, fstype, options: options?.split(',') ?? [] }];
  });
}

const decoded = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
