import { readFileSync } from 'node:fs';
import type { Hierarchy } from '../../../src/model/hierarchy.ts';
import { asByteString } from '../../../src/model/ids.ts';
import { cgroupVersion, type Mount, type MountTable } from '../../../src/model/mount.ts';
import { groupByHierarchy, type HierarchyMounts } from '../../../src/mounts/hierarchies.ts';
import { parseMountInfo } from '../../../src/parse/mount-table.ts';

/** The hierarchies in the cell's mount table. */
export type CellMode = 'v1' | 'hybrid' | 'v2';

/** One hierarchy of the machine, as the cell sees it. */
export interface CellHierarchy extends HostHierarchy {
  /** `cpu,cpuacct`, `name=systemd` or `v2`. */
  readonly key: string;
  /** Below /sys/fs/cgroup in the cell; empty for pure v2; null if the cell does not mount it. */
  readonly directory: string | null;
}

export function ownMode(host: readonly HostHierarchy[]): CellMode {
  const hasV1 = host.some(({ version, controllers }) => version === 1 && controllers.length > 0);
  if (!hasV1) return 'v2';
  return host.some(({ version }) => version === 2) ? 'hybrid' : 'v1';
}

export const cellHierarchies = (
  mode: CellMode,
  host: readonly HostHierarchy[],
): readonly CellHierarchy[] =>
  host.map((hierarchy) => ({
    ...hierarchy,
    key: keyOf(hierarchy),
    directory: directoryOf(mode, hierarchy),
  }));

/** The hierarchies that the cell mounts: those in which gdn and runc make container cgroups. */
export const shown = (hierarchies: readonly CellHierarchy[]): readonly CellHierarchy[] =>
  hierarchies.filter(({ directory }) => directory !== null);

const keyOf = ({ version, controllers, name }: HostHierarchy): string =>
  version === 2 ? 'v2' : controllers.length > 0 ? controllers.join(',') : `name=${name ?? ''}`;

function directoryOf(mode: CellMode, { version, controllers, name }: HostHierarchy): string | null {
  if (version === 2) return mode === 'v2' ? '' : mode === 'hybrid' ? 'unified' : null;
  if (mode === 'v2') return null;
  return controllers.length > 0 ? controllers.join(',') : name;
}

/** A cgroup hierarchy of this machine, and where this process reaches it. */
export interface HostHierarchy extends Omit<Hierarchy, 'device'> {
  readonly mountPoint: string;
}

export const readHostTable = (): MountTable =>
  parseMountInfo(asByteString(readFileSync('/proc/self/mountinfo', 'latin1')));

/** In the order of the table, each once, by a mount that shows all of it if there is one. */
export const hostHierarchies = (table = readHostTable()): readonly HostHierarchy[] =>
  groupByHierarchy(table)
    .toSorted((a, b) => firstLine(a) - firstLine(b))
    .flatMap(({ hierarchy, mounts }) => {
      const whole = mounts.find(({ root }) => root === '/') ?? mounts[0];
      return whole === undefined ? [] : [{ ...hierarchy, mountPoint: pathOf(whole) }];
    });

const firstLine = ({ mounts }: HierarchyMounts): number => mounts[0]?.line ?? 0;

/** The mounts to remove before the cell's own cgroup mounts are made, in the order of the table. */
export const cgroupMountPoints = (table: MountTable): readonly string[] =>
  table.mounts
    .filter(
      (mount) => cgroupVersion(mount) !== null || /^\/sys\/fs\/cgroup(\/|$)/.test(mount.mountPoint),
    )
    .map(pathOf);

const pathOf = ({ mountPoint }: Mount): string => Buffer.from(mountPoint, 'latin1').toString();
