import type { Handle } from '../model/ids.ts';
import type { OtherMode, SensorName, SensorPrediction, Sight } from '../model/sensor.ts';
import { inOtherMode, runtimeOf, type Runtime } from './other-mode.ts';
import { predict } from './predict.ts';
import type { SensedCell } from './sensed-cell.ts';
import { toolVersions } from './sensor-reports.ts';
import type { ToolVersions } from './tools.ts';
import type { VersionRange } from './versions.ts';

/** What one range of versions would gain and lose in the other mode, if it started now and then. */
export interface ModeChange {
  readonly versions: ToolVersions;
  /** With which runtime of Garden; null: with either. */
  readonly runtime: Runtime | null;
  readonly before: SensorPrediction;
  readonly after: SensorPrediction;
  /** Why, in this mode. */
  readonly whyNow: string;
  /** Why, in the other mode. */
  readonly why: string;
  /** Containers that it would see only in the other mode, and only in this one. */
  readonly gains: readonly Handle[];
  readonly loses: readonly Handle[];
  /** Containers that it would see in neither mode, but give another id, or none, in the other. */
  readonly renames: readonly Handle[];
}

/** v1 does not show which runtime a cell with v2 would have: both are tried. */
export function compareModes(
  cell: SensedCell,
  mode: OtherMode,
  {
    tools,
    version,
  }: { readonly tools: readonly SensorName[]; readonly version: VersionRange | null },
): readonly ModeChange[] {
  const ranges = tools.flatMap((tool) => toolVersions(tool, version));
  const known = runtimeOf(cell);
  const runtimes: readonly Runtime[] = known === null ? ['runc', 'containerd'] : [known];
  const unchanged = predict(ranges, cell, null);
  const changed = runtimes.map((runtime) => ({
    runtime,
    predictions: predict(ranges, inOtherMode(cell, mode, runtime), null),
  }));
  return unchanged.flatMap(({ versions, prediction: before, why: whyNow }, index) => {
    const changes = changed.flatMap(({ runtime, predictions }): readonly ModeChange[] => {
      const predicted = predictions[index];
      if (predicted === undefined) return [];
      const { prediction: after, why } = predicted;
      return [{ versions, runtime, before, after, whyNow, why, ...between(before, after) }];
    });
    const [first, second] = changes;
    if (first === undefined) return [];
    const isAlike = second === undefined || seenText(first.after) === seenText(second.after);
    return isAlike ? [{ ...first, runtime: null }] : changes;
  });
}

function between(
  before: SensorPrediction,
  after: SensorPrediction,
): Pick<ModeChange, 'gains' | 'loses' | 'renames'> {
  if (before.kind !== 'predicted' || after.kind !== 'predicted')
    return { gains: [], loses: [], renames: [] };
  const onlyIn = (one: typeof before, other: typeof before): readonly Handle[] =>
    [...one.sights].flatMap(([handle, { kind }]) =>
      kind === 'seen' && other.sights.get(handle)?.kind !== 'seen' ? [handle] : [],
    );
  const renames = [...before.sights].flatMap(([handle, now]) => {
    const then = after.sights.get(handle);
    const isSeen = now.kind === 'seen' || then?.kind === 'seen';
    return isSeen || wrongId(now) === wrongId(then) ? [] : [handle];
  });
  return { gains: onlyIn(after, before), loses: onlyIn(before, after), renames };
}

const wrongId = (sight: Sight | undefined): string | null =>
  sight?.kind === 'misnamed' ? sight.id : null;

const seenText = (prediction: SensorPrediction): string =>
  prediction.kind === 'predicted' ? JSON.stringify([...prediction.sights]) : prediction.why;
