import type { Handle } from '../model/ids.ts';
import {
  SENSOR_ROWS,
  type RememberedSensor,
  type SensorMark,
  type SensorMarks,
  type SensorInputs,
  type SensorName,
  type SensorReport,
  type Sight,
} from '../model/sensor.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { diagnose, nothingKnown } from './diagnosis.ts';
import { isBlind, predict, seesNone, type Predicted } from './predict.ts';
import { runningSensors, type RunningSensor } from './presence.ts';
import type { SensedCell } from './sensed-cell.ts';
import { countsText, mountText } from './sentences.ts';
import { TOOLS, type ToolVersions } from './tools.ts';
import { overlap, type TypedVersion, type VersionRange } from './versions.ts';

/** The version ranges of a tool that a version can be in; all of them if no version is given. */
export const toolVersions = (
  tool: SensorName,
  version: VersionRange | null,
): readonly ToolVersions[] =>
  TOOLS.filter((one) => one.tool === tool && (version === null || overlap(one, version)));

/** An equal start time counts as older: such a container may have missed the sensor's start. */
const olderThan = ({ process }: RunningSensor, { containers }: SensedCell): number =>
  containers.filter(({ startTicks }) => startTicks !== null && startTicks <= process.startTicks)
    .length;

/** One range of versions of a sensor, and what it would see. */
export interface ToolPrediction extends Predicted {
  /** Whether it is about the process that runs; otherwise it is as if the sensor started now. */
  readonly isRunning: boolean;
}

/** What each range of versions of these sensors would see, as in the report of one that runs. */
export const toolPredictions = (
  names: readonly SensorName[],
  { cell, running, version }: ToolQuestion,
): readonly ToolPrediction[] =>
  names.flatMap((name) => {
    const process = running.find((sensor) => sensor.name === name)?.process ?? null;
    return predict(toolVersions(name, version), cell, process).map((predicted) => ({
      ...predicted,
      isRunning: process !== null,
    }));
  });

interface ToolQuestion {
  readonly cell: SensedCell;
  readonly running: readonly RunningSensor[];
  /** The versions that are asked about; null: all. */
  readonly version: VersionRange | null;
}

export const sensorReports = (
  inputs: SensorInputs,
  cell: SensedCell | null,
): readonly SensorReport[] =>
  runningSensors(inputs.processes).map((sensor) => sensorReport(sensor, cell, null));

/** @param version the version of the tool in question, if known */
export function sensorReport(
  sensor: RunningSensor,
  cell: SensedCell | null,
  version: TypedVersion | null,
): SensorReport {
  const { name, unit, process } = sensor;
  const predictions = cell === null ? [] : predict(toolVersions(name, version), cell, process);
  const [first = null, ...others] = new Set(
    predictions.map(({ prediction }) => isBlind(prediction)),
  );
  const blind = others.length > 0 ? null : first;
  return {
    name,
    version: null,
    pid: process.pid,
    startTicks: process.startTicks,
    startedAt: process.startedAt,
    unit,
    olderContainers: cell && olderThan(sensor, cell),
    containers: cell && cell.containers.length,
    prediction: commonPrediction(predictions),
    blind,
    sees: commonMarks(predictions),
    why: cell === null ? NOTHING_COMPARED : whyOfSensor(name, predictions, blind),
    diagnosis:
      cell === null
        ? nothingKnown(NOTHING_COMPARED)
        : diagnose(name, predictions, { cell, version }),
  };
}

const NOTHING_COMPARED = 'No container could be compared in this pass.';

/** The prediction that all versions share; null: they differ, or nothing can be predicted. */
function commonPrediction(predictions: readonly Predicted[]): SensorReport['prediction'] {
  const predicted = predictions.flatMap(({ prediction }) =>
    prediction.kind === 'predicted'
      ? [{ ...prediction.counts, mount: mountText(prediction.taken) }]
      : [],
  );
  const [first, ...others] = predicted;
  if (first === undefined || predicted.length < predictions.length) return null;
  const isSame = (other: typeof first): boolean => JSON.stringify(other) === JSON.stringify(first);
  return others.every(isSame) ? first : null;
}

/** A container that it gives another id is not seen: nothing of that leads to its handle. */
const markOf = (sight: Sight | undefined): SensorMark =>
  sight === undefined || sight.kind === 'unknown'
    ? 'unknown'
    : sight.kind === 'seen'
      ? 'yes'
      : 'no';

/** Empty if nothing can be predicted. */
function commonMarks(predictions: readonly Predicted[]): SensorMarks {
  const [first, ...others] = predictions.map(({ prediction }) =>
    prediction.kind === 'predicted' ? prediction.sights : new Map<Handle, Sight>(),
  );
  return new Map(
    [...(first ?? [])].map(([handle, sight]) => {
      const mark = markOf(sight);
      const isSame = others.every((sights) => markOf(sights.get(handle)) === mark);
      return [handle, isSame ? mark : 'unknown'];
    }),
  );
}

function whyOfSensor(
  name: SensorName,
  predictions: readonly Predicted[],
  blind: boolean | null,
): string {
  const { title } = SENSOR_ROWS[name];
  const [first, ...others] = predictions;
  if (first === undefined) {
    return `rollcall knows no rule of ${title} that would predict which Garden containers it sees.`;
  }
  if (others.length === 0 || predictions.every(({ why }) => why === first.why)) return first.why;
  const each = predictions.map(
    ({ versions, prediction }) => `${countsText(prediction)} (${versions.versions})`,
  );
  const list = `${title} would see, by version: ${each.join('; ')}`;
  if (predictions.every(({ prediction }) => seesNone(prediction))) {
    return `${list}. No version would see any container by its name.`;
  }
  if (blind === true) return `${list}. None of them sees every container.`;
  if (blind === false) return `${list}.`;
  // No version would decide.
  if (predictions.every(({ prediction }) => isBlind(prediction) === null)) return `${list}.`;
  return `${list}. The running version is not visible from outside; give it with ${TYPED_ON_CELL} sensors --tool ${name}@VERSION.`;
}

export const rememberedSensors = (sensors: readonly SensorReport[]): readonly RememberedSensor[] =>
  sensors.map(({ name, pid, startTicks }) => ({ name, pid, startTicks }));
