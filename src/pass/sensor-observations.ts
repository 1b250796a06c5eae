import type { Handle } from '../model/ids.ts';
import type {
  ConfiguredSensor,
  RememberedObservation,
  SensorReading,
} from '../model/observation.ts';
import type { Questions } from '../model/questions.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import type { Decision } from '../reconcile/reconcile.ts';
import { judgeSensor, processOf, unnamed, type Judged } from '../sensors/judge-observation.ts';
import { runningSensors } from '../sensors/presence.ts';
import type { Writer } from '../sensors/formats.ts';
import { evidenceAfter, rememberedFor } from '../sensors/sensor-evidence.ts';
import { sensedCell } from './sensed-cell.ts';

/** Only this many processes of a container are asked when they started; the oldest one counts. */
const MAX_ASKED = 16;

/** The event files of the sensors, and their processes: whether these still run. */
export const sensorFileQuestions = (
  sensors: readonly ConfiguredSensor[],
  pass: ObservedPass,
): Pick<Questions, 'sensorFiles' | 'startTicks'> => ({
  sensorFiles: sensors.map((sensor) => {
    const was = rememberedOf(sensor, pass);
    const { name, path, format } = sensor;
    return { name, path, format, place: was?.place ?? null, known: was?.ids ?? new Set() };
  }),
  startTicks: sensors.flatMap((sensor) =>
    [foundProcess(sensor, pass), rememberedOf(sensor, pass)?.process ?? null].flatMap(
      (process) => process?.pid ?? [],
    ),
  ),
});

/** When the containers started that the files, as just read, do not name. */
export const containerStartQuestions = (
  sensors: readonly ConfiguredSensor[],
  pass: ObservedPass,
): Pick<Questions, 'startTicks'> => {
  const isCompared = sensors.length > 0 && sensedCell(pass) !== null;
  const containers = pass.containers.filter(({ cgroup }) => cgroup !== null);
  const asked = new Set(
    (isCompared ? sensors : []).flatMap((sensor) => {
      const reading = pass.snapshot.answers.sensorFiles.get(sensor.name);
      return reading === undefined ? [] : unnamed(runAfter(sensor, reading, pass).run, containers);
    }),
  );
  return {
    startTicks: pass.containers.flatMap(({ handle, cgroup }) =>
      asked.has(handle) ? (cgroup?.pids.slice(0, MAX_ASKED) ?? []) : [],
    ),
  };
};

/** What each configured sensor has written so far, by its name. */
export function* judgedSensors(
  decided: Decided,
  sensors: readonly ConfiguredSensor[],
): Generator<void, ReadonlyMap<string, Judged>> {
  const judged = new Map<string, Judged>();
  for (const sensor of sensors) {
    const reading = decided.pass.snapshot.answers.sensorFiles.get(sensor.name);
    if (reading !== undefined) judged.set(sensor.name, judge(sensor, reading, decided));
    yield;
  }
  return judged;
}

interface Decided {
  readonly decision: Decision;
  readonly pass: ObservedPass;
}

function judge(
  sensor: ConfiguredSensor,
  { reading, time }: SensorReading,
  { decision: { report }, pass }: Decided,
): Judged {
  const { run, writer } = runAfter(sensor, { reading, time }, pass);
  const shown = pass.memory.lastReport.observations;
  return judgeSensor(run, {
    mode: report.cgroups.mode,
    sensor,
    reading,
    containers: report.unknownCause === null ? (sensedCell(pass)?.containers ?? null) : null,
    starts: startsOf(pass),
    writer,
    last: shown.find((one) => one.sensor.name === sensor.name) ?? null,
    time,
  });
}

/** The run of a sensor after this reading of its file, and its process if that still runs. */
function runAfter(
  sensor: ConfiguredSensor,
  { reading, time }: SensorReading,
  pass: ObservedPass,
): { readonly run: RememberedObservation; readonly writer: Writer | null } {
  const was = rememberedOf(sensor, pass);
  const writer = alive(foundProcess(sensor, pass), pass);
  const isWriterAlive = alive(was?.process ?? null, pass) !== null;
  return { run: evidenceAfter(was, { sensor, reading, writer, isWriterAlive, time }), writer };
}

const rememberedOf = (sensor: ConfiguredSensor, { memory }: ObservedPass) =>
  rememberedFor(sensor, memory.observations.get(sensor.name));

/** The sensor's process at the last search; it may have ended since. */
function foundProcess(
  sensor: ConfiguredSensor,
  { snapshot: { sensors }, memory }: ObservedPass,
): Writer | null {
  const name = processOf(sensor);
  if (sensors === null) return memory.lastReport.sensors.find((one) => one.name === name) ?? null;
  return runningSensors(sensors.processes).find((one) => one.name === name)?.process ?? null;
}

function alive(process: Writer | null, { snapshot }: ObservedPass): Writer | null {
  if (process === null) return null;
  const { pid, startTicks } = process;
  return snapshot.answers.startTicks.get(pid) === startTicks ? { pid, startTicks } : null;
}

/** When the containers that were asked for started, in clock ticks since boot. */
const startsOf = ({
  containers,
  snapshot: { answers },
}: ObservedPass): ReadonlyMap<Handle, number> =>
  new Map(
    containers.flatMap(({ handle, cgroup }) => {
      const pids = cgroup?.pids.slice(0, MAX_ASKED) ?? [];
      const ticks = pids.flatMap((pid) => answers.startTicks.get(pid) ?? []);
      return ticks.length === 0 ? [] : [[handle, Math.min(...ticks)] as const];
    }),
  );
