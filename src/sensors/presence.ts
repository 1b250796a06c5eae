import { ROOT, componentsBelow, isGardenDirectory } from '../model/paths.ts';
import { hasEnded } from '../model/process.ts';
import {
  SENSOR_NAMES,
  SENSOR_ROWS,
  type SensorName,
  type SensorProcess,
  type SensorRow,
} from '../model/sensor.ts';

/** A running sensor: the oldest of its processes. */
export interface RunningSensor {
  readonly name: SensorName;
  readonly process: SensorProcess;
  /** The systemd unit or bpm job of the process, derived from its cgroup; null: neither. */
  readonly unit: string | null;
}

/** A tenant can call a process falco, but can leave neither its namespace nor Garden's cgroups. */
export function runningSensors(processes: readonly SensorProcess[]): readonly RunningSensor[] {
  const host = processes
    .filter(({ namespacePids, state }) => namespacePids.length === 1 && !hasEnded(state))
    .filter((process) => !isInGarden(process))
    .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  return SENSOR_NAMES.flatMap((name): RunningSensor[] => {
    const process = host.find((one) => isOfRow(one, SENSOR_ROWS[name]));
    return process === undefined ? [] : [{ name, process, unit: unitOf(process) }];
  });
}

function isOfRow(process: SensorProcess, { comms, confirmedBy, uid }: SensorRow): boolean {
  if (!comms.includes(process.comm)) return false;
  if (uid !== null && process.realUid !== uid) return false;
  if (confirmedBy === null) return true;
  const [program = ''] = process.command.split(' ');
  return confirmedBy.program.test(program) || confirmedBy.unit.test(unitOf(process) ?? '');
}

const isInGarden = ({ membership }: SensorProcess): boolean =>
  Object.values(membership).some((path) => componentsBelow(path, ROOT).some(isGardenDirectory));

const BPM_JOB = /^(?:.*-)?bpm-(.+?)(?:\.scope)?$/;
const UNIT = /^(.+)\.(?:service|scope)$/;

/** The innermost component that is a unit or a job. */
function unitOf({ membership }: SensorProcess): string | null {
  for (const path of Object.values(membership)) {
    for (const component of componentsBelow(path, ROOT).toReversed()) {
      const job = BPM_JOB.exec(component)?.[1] ?? UNIT.exec(component)?.[1];
      if (job !== undefined) return job;
    }
  }
  return null;
}
