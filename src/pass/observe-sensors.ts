import type { Handle } from '../model/ids.ts';
import type { ConfiguredSensor, RememberedObservation } from '../model/observation.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import type { Decision } from '../reconcile/reconcile.ts';
import { judgeSensor, processOf, unnamed, type Judged } from '../sensors/observe.ts';
import { evidenceAfter, rememberedFor, type Writer } from '../sensors/sensor-evidence.ts';
import { sensedCell } from './sense.ts';

/** Only this many processes of a container are asked when they started; the oldest one counts. */
const MAX_ASKED = 16;

/** The decision of a pass with what each configured sensor has written so far. */
export async function withObservations(
  decision: Decision,
  configured: readonly ConfiguredSensor[],
  pass: ObservedPass,
  probe: CellProbe,
): Promise<Decision> {
  const judged = new Map<string, Judged>();
  for (const sensor of configured) {
    const one = await observeSensor(sensor, { decision, pass, probe });
    judged.set(sensor.name, one);
    await probe.pause();
  }
  const { report, memory } = decision;
  const observations = [...judged.values()].map(({ observation }) => observation);
  return {
    ...decision,
    report: { ...report, observations },
    memory: {
      ...memory,
      lastShown: { ...memory.lastShown, observations },
      observations: new Map([...judged].map(([name, { remembered }]) => [name, remembered])),
    },
  };
}

interface Observed {
  readonly decision: Decision;
  readonly pass: ObservedPass;
  readonly probe: CellProbe;
}

async function observeSensor(
  sensor: ConfiguredSensor,
  { decision: { report, memory }, pass, probe }: Observed,
): Promise<Judged> {
  const was = rememberedFor(sensor, memory.observations.get(sensor.name));
  const reading = await probe.sensorFile({
    path: sensor.path,
    format: sensor.format,
    place: was?.place ?? null,
    isKnown: (id) => was?.ids.has(id) === true,
  });
  const name = processOf(sensor);
  const found = report.sensors.find((one) => one.name === name) ?? null;
  const writer = alive(found, probe);
  const now = probe.now();
  const time = { wall: Date.parse(now.wall), monotonic: now.monotonicMilliseconds };
  const isWriterAlive = alive(was?.process ?? null, probe) !== null;
  const run = evidenceAfter(was, { sensor, reading, writer, isWriterAlive, time });
  const cell = report.unknownCause === null ? sensedCell(pass) : null;
  const starts = cell === null ? new Map<Handle, number>() : startsOf(run, pass, probe);
  const containers = cell?.containers ?? null;
  const shown = memory.lastShown.observations;
  const last = shown.find((one) => one.sensor.name === sensor.name) ?? null;
  const judged = judgeSensor(run, {
    mode: report.cgroups.mode,
    sensor,
    reading,
    containers,
    starts,
    writer,
    last,
    time,
  });
  // The next regular search may be many passes away, and a restarted sensor is not a dead one.
  if (judged.observation.life === 'ended' && !judged.observation.isSilent) probe.searchSensors();
  return judged;
}

function alive(process: Writer | null, probe: CellProbe): Writer | null {
  if (process === null) return null;
  const { pid, startTicks } = process;
  return probe.startTicks([pid]).get(pid) === startTicks ? { pid, startTicks } : null;
}

/** When the containers that the sensor has not named started, in clock ticks since boot. */
function startsOf(
  run: RememberedObservation,
  { containers }: ObservedPass,
  probe: CellProbe,
): ReadonlyMap<Handle, number> {
  const asked = new Set(
    unnamed(
      run,
      containers.filter(({ cgroup }) => cgroup !== null),
    ),
  );
  return new Map(
    containers.flatMap(({ handle, cgroup }) => {
      if (cgroup === null || !asked.has(handle)) return [];
      const ticks = [...probe.startTicks(cgroup.pids.slice(0, MAX_ASKED)).values()];
      return ticks.length === 0 ? [] : [[handle, Math.min(...ticks)] as const];
    }),
  );
}
