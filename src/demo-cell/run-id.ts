import { readFileSync } from 'node:fs';
import { parseStat } from '../parse/process-files.ts';

/** Every cgroup that a run makes at the top of a hierarchy begins with this; nothing else of it outlives its processes. */
export const RUN_PREFIX = 'rollcall-cell-';

/** The process that builds and drives a cell. Pids are used again, so the start time belongs to it. */
export interface Driver {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
}

let cellsOfThisProcess = 0;

/**
 * `[label-]<pid>-<start ticks>-<n>`: who drives a run is in its name, so that the next run can tell a killed one from one
 * that is only starting, without a file that could itself be left behind.
 */
export function makeRunId(label: string | null): string {
  cellsOfThisProcess += 1;
  const { pid, startTicks } = driverOf(process.pid) ?? { pid: process.pid, startTicks: 0 };
  const identity = `${pid}-${startTicks}-${cellsOfThisProcess}`;
  return label === null ? identity : `${label.replace(/[^\w.-]/g, '_')}-${identity}`;
}

/** Null for a name that no run of ours can have. */
export function driverInRunId(runId: string): Driver | null {
  const match = /(?:^|-)(\d+)-(\d+)-\d+$/.exec(runId);
  return match === null ? null : { pid: Number(match[1]), startTicks: Number(match[2]) };
}

/** The process that has this pid now; null if there is none. */
export function driverOf(pid: number): Driver | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  const parsed = stat === null ? null : parseStat(stat);
  return parsed === null ? null : { pid, startTicks: parsed.startTicks };
}

export const isAlive = ({ pid, startTicks }: Driver): boolean =>
  driverOf(pid)?.startTicks === startTicks;

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null; // the process is gone
  }
}
