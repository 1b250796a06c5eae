import { statOfV1 } from '../mounts/mount-lines.ts';
import { asByteString, asHandle, type ByteString } from '../../src/model/ids.ts';
import type { CgroupMode, MountStat } from '../../src/model/hierarchy.ts';
import type { MountTable } from '../../src/model/mount.ts';
import type { Membership } from '../../src/model/process.ts';
import type { SensorPrediction, SensorProcess } from '../../src/model/sensor.ts';
import type { MountInputs } from '../../src/model/snapshot.ts';
import { predict } from '../../src/sensors/predict.ts';
import type { RunningContainer, SensedCell } from '../../src/sensors/sensed-cell.ts';
import type { ToolVersions } from '../../src/sensors/tools.ts';

export const membership = (paths: Readonly<Record<string, string>>): Membership =>
  Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, asByteString(path)]));

export const container = (
  handle: string,
  paths: Readonly<Record<string, string>> | null,
  more: Partial<RunningContainer> = {},
): RunningContainer => ({
  handle: asHandle(handle),
  isListed: true,
  isCreated: true,
  membership: paths === null ? null : membership(paths),
  levels: null,
  startTicks: 100,
  ...more,
});

/**
 * The inodes that stat gives at the paths of rollcall's own mount table, which is the cell's where
 * none is given.
 */
export function mountInputs(
  cellTable: MountTable,
  inodes: Readonly<Record<string, number>> = {},
  more: Partial<MountInputs> = {},
): MountInputs {
  const ownTable = more.ownTable ?? cellTable;
  const stats = new Map<ByteString, MountStat>(
    ownTable.mounts.flatMap(({ mountPoint, device }) => {
      const inode = inodes[mountPoint];
      if (inode === undefined || device === null) return [];
      return [[mountPoint, statOfV1(device, inode)] as const];
    }),
  );
  return {
    source: '/proc/1/mountinfo',
    root: '/',
    namespace: 'initial',
    pidNamespace: 'initial',
    cellTable,
    ownTable,
    stats,
    firstProcessPaths: null,
    ...more,
  };
}

export const cellOf = (
  mounts: MountInputs,
  containers: readonly RunningContainer[],
  mode: CgroupMode = 'v1',
): SensedCell => ({ mounts, mode, containers });

/** What one range of versions would see. */
export function predictOne(
  versions: ToolVersions,
  cell: SensedCell,
  sensor: SensorProcess | null,
): SensorPrediction {
  const [predicted] = predict([versions], cell, sensor);
  if (predicted === undefined) throw new Error('no prediction');
  return predicted.prediction;
}

export const sensorProcess = (more: Partial<SensorProcess> = {}): SensorProcess => ({
  pid: 700,
  parentPid: 1,
  state: 'S',
  startTicks: 500,
  startedAt: '2026-01-01T00:00:05.000Z',
  realUid: 0,
  namespacePids: [700],
  comm: 'tracee',
  command: '/opt/tracee/tracee',
  launched: null,
  membership: membership({ memory: '/system.slice/tracee.service' }),
  table: 'cell',
  ...more,
});
