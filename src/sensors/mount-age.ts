import { CGROUP_MOUNT_POINT, cgroupVersion, type Mount, type MountTable } from '../model/mount.ts';
import { isAtOrBelow } from '../model/paths.ts';
import type { SensorProcess, TakenMount } from '../model/sensor.ts';
import type { RunningContainer, SensedCell } from './sensed-cell.ts';

/*
 * A sensor chooses its mount when it starts, and no table says when a mount was made. The container
 * whose mount it is says it: it is younger than the sensor, or it is not.
 */

type Age = 'older' | 'younger' | 'unknown';

/** Which mounts of a cell a process of a sensor can have found when it started. */
export interface MountAges {
  /** The table without the cgroup mounts that are certainly younger. */
  readonly olderIn: (table: MountTable) => MountTable;
  /** The same mount, marked if it may be younger. */
  readonly marked: (taken: TakenMount) => TakenMount;
}

/** @param sensor null: it starts now, so that each mount is older */
export function mountAges(sensor: SensorProcess | null, { containers }: SensedCell): MountAges {
  if (sensor === null) return { olderIn: (table) => table, marked: (taken) => taken };
  const byHandle = new Map<string, RunningContainer>(containers.map((one) => [one.handle, one]));
  const ownerOf = (path: string | null): RunningContainer | undefined =>
    path?.split('/').flatMap((name) => byHandle.get(name) ?? [])[0];
  const ageOf = ({ mountPoint, root }: Mount): Age => {
    const owner = ownerOf(mountPoint);
    const shown = ownerOf(root);
    if ([owner, shown].some((one) => one !== undefined && isYounger(one, sensor))) return 'younger';
    // Garden and systemd mount there before they start anything.
    return owner !== undefined || isAtOrBelow(mountPoint, CGROUP_MOUNT_POINT) ? 'older' : 'unknown';
  };
  return {
    olderIn: (table) => ({
      ...table,
      mounts: table.mounts.filter(
        (mount) => cgroupVersion(mount) === null || ageOf(mount) !== 'younger',
      ),
    }),
    marked: (taken) => {
      const mount =
        taken.kind === 'mount' ? taken.mount : taken.kind === 'own' ? taken.instead : null;
      return mount === null ? taken : { ...taken, mayBeYounger: ageOf(mount) !== 'older' };
    },
  };
}

/** A container whose start is not known came after the last search for sensors. */
export const isYounger = (
  { startTicks }: Pick<RunningContainer, 'startTicks'>,
  sensor: Pick<SensorProcess, 'startTicks'>,
): boolean => startTicks === null || startTicks > sensor.startTicks;
