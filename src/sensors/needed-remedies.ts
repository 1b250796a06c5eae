import { SENSOR_ROWS, type SensorName, type SensorRemedy } from '../model/sensor.ts';
import { textOfBytes } from '../model/text.ts';
import { gapKinds, predict, type Predicted } from './predict.ts';
import { MOUNT_PLACE, REMEDIES, type Remedy, type RemedyStep } from './remedies.ts';
import type { SensedCell } from './sensed-cell.ts';
import { wholeMount } from './taken-mount.ts';
import { TOOLS } from './tools.ts';
import { overlap, type TypedVersion } from './versions.ts';

/* What to change in a sensor on this cell. */

export interface Asked {
  readonly cell: SensedCell;
  /** The version that it has; null: not known. */
  readonly version: TypedVersion | null;
}

/** What to change in the versions that have a gap; steps that all of them need come first, once. */
export function remediesFor(
  tool: SensorName,
  predictions: readonly Predicted[],
  asked: Asked,
): readonly SensorRemedy[] {
  const { cell } = asked;
  const needed = neededSteps(tool, predictions, asked).flatMap(({ versions, steps: all }) => {
    const steps = all
      .filter((step) => !isUseless(step, tool, cell))
      .map(({ action, setting }) => ({
        action,
        setting: setting === null ? null : settingOn(cell, setting),
      }));
    return steps.length === 0 ? [] : [{ versions, steps }];
  });
  const isAlike = (a: SensorRemedy['steps'][number], b: typeof a): boolean =>
    a.action === b.action && a.setting === b.setting;
  const common = (needed[0]?.steps ?? []).filter((step) =>
    needed.every(({ steps }) => steps.some((one) => isAlike(one, step))),
  );
  const own = needed
    .map(({ versions, steps }) => ({
      versions,
      steps: steps.filter((step) => !common.some((one) => isAlike(one, step))),
    }))
    .filter(({ steps }) => steps.length > 0);
  return [...own, ...(common.length === 0 ? [] : [{ versions: '', steps: common }])];
}

/** That upgrades were left out, because the newer versions see no more; empty if none was. */
export const uselessUpgrades = (
  tool: SensorName,
  predictions: readonly Predicted[],
  asked: Asked,
): readonly string[] =>
  neededSteps(tool, predictions, asked).some(({ steps }) =>
    steps.some((step) => isUseless(step, tool, asked.cell)),
  )
    ? [`No newer version of ${SENSOR_ROWS[tool].title} would see these containers either.`]
    : [];

/** The steps against gaps that the versions have, also those that would not help on this cell. */
const neededSteps = (
  tool: SensorName,
  predictions: readonly Predicted[],
  { cell, version }: Asked,
): readonly Pick<Remedy, 'versions' | 'steps'>[] =>
  REMEDIES.filter(
    (remedy) => remedy.tool === tool && (version === null || overlap(remedy, version)),
  ).map((remedy) => {
    const gaps = new Set(
      predictions
        .filter(({ versions }) => overlap(versions, remedy))
        .flatMap(({ prediction }) => gapKinds(prediction)),
    );
    const steps = remedy.steps
      .filter(({ against }) => against.some((gap) => gaps.has(gap)))
      .filter(({ isForV1 }) => isForV1 !== true || cell.mode !== 'v2');
    return { versions: remedy.versions, steps };
  });

/**
 * Whether it upgrades to versions that certainly cannot tell a container of this cell from the host.
 * A wrong id is better than none: rules about containers fire.
 */
function isUseless({ upgradesTo }: RemedyStep, tool: SensorName, cell: SensedCell): boolean {
  if (upgradesTo === undefined) return false;
  const newer = TOOLS.filter((one) => one.tool === tool && overlap(one, upgradesTo));
  return predict(newer, cell, null).every(
    ({ prediction }) =>
      prediction.kind === 'predicted' &&
      [...prediction.sights.values()].every(({ kind }) => kind === 'missed'),
  );
}

/** On a cell that does not show it, where Garden mounts the hierarchy. */
function settingOn({ mounts, mode }: SensedCell, setting: string): string {
  if (!setting.includes(MOUNT_PLACE)) return setting;
  const mount = wholeMount(mounts)?.mountPoint;
  const usual = mode === 'v2' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpuset';
  return setting.replaceAll(MOUNT_PLACE, mount === undefined ? usual : textOfBytes(mount));
}
