import { KnownFailure } from '../model/failure.ts';
import type { HostHierarchy } from './host-hierarchies.ts';

/** Which hierarchies the cell's mount table shows. */
export type CellMode = 'v1' | 'hybrid' | 'v2';

/** One hierarchy of the machine, as the cell sees it. */
export interface CellHierarchy {
  /** `cpu,cpuacct`, `name=systemd` or `v2`. */
  readonly key: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  readonly name: string | null;
  /** Where the machine shows it. */
  readonly hostMountPoint: string;
  /** Its directory under /sys/fs/cgroup in the cell; empty for v2 alone; null if the cell does not mount it. */
  readonly directory: string | null;
}

/** `auto` is what the machine has. A hybrid machine can show all three; a pure one only its own. */
export function resolveMode(wanted: CellMode | 'auto', host: readonly HostHierarchy[]): CellMode {
  const hasV1 = host.some(({ version, controllers }) => version === 1 && controllers.length > 0);
  const hasV2 = host.some(({ version }) => version === 2);
  if (!hasV1 && !hasV2) {
    throw new KnownFailure(
      'NO_CGROUP_MOUNT',
      'no cgroup hierarchy is mounted here: mount one first',
    );
  }
  const own = hasV1 && hasV2 ? 'hybrid' : hasV1 ? 'v1' : 'v2';
  if (wanted === 'auto' || wanted === own || own === 'hybrid')
    return wanted === 'auto' ? own : wanted;
  throw new KnownFailure(
    'DEMO_FAILED',
    `this machine has cgroup ${own} only, so a ${wanted} cell cannot be built on it: use mode auto`,
  );
}

export const cellHierarchies = (
  mode: CellMode,
  host: readonly HostHierarchy[],
): readonly CellHierarchy[] =>
  host.map(({ version, controllers, name, mountPoint }) => ({
    key: keyOf({ version, controllers, name }),
    version,
    controllers,
    name,
    hostMountPoint: mountPoint,
    directory: directoryOf(mode, { version, controllers, name }),
  }));

/** Those that the cell mounts: the ones in which gdn and runc make container cgroups. */
export const shown = (hierarchies: readonly CellHierarchy[]): readonly CellHierarchy[] =>
  hierarchies.filter(({ directory }) => directory !== null);

type Identity = Pick<HostHierarchy, 'version' | 'controllers' | 'name'>;

const keyOf = ({ version, controllers, name }: Identity): string =>
  version === 2 ? 'v2' : controllers.length > 0 ? controllers.join(',') : `name=${name ?? ''}`;

function directoryOf(mode: CellMode, { version, controllers, name }: Identity): string | null {
  if (version === 2) return mode === 'v2' ? '' : mode === 'hybrid' ? 'unified' : null;
  if (mode === 'v2') return null;
  return controllers.length > 0 ? controllers.join(',') : name;
}
