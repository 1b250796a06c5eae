import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf, KnownFailure } from '../../../src/model/failure.ts';
import { asByteString } from '../../../src/model/ids.ts';
import type { Membership } from '../../../src/model/process.ts';
import { parseProcCgroup, parseStat } from '../../../src/parse/process-files.ts';

/** Something in the cell in a box did not go as it must. */
export const demoFailed = (message: string): KnownFailure =>
  new KnownFailure('DEMO_FAILED', message);

/** @param pid negative: a process group. Never 0, which is that of this process. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === 0) throw demoFailed(`no process to send ${signal} to`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** A process, and not another one that has its pid later. */
export interface StartedProcess {
  readonly pid: number;
  /** Ticks since the boot; null: it was gone already. */
  readonly startTicks: number | null;
}

export const startedProcess = (pid: number): StartedProcess => ({
  pid,
  startTicks: startTicksOf(pid),
});

/** Does nothing once it has ended. */
export function killStarted({ pid, startTicks }: StartedProcess): void {
  if (startTicks !== null && startTicksOf(pid) === startTicks) kill(pid);
}

function startTicksOf(pid: number): number | null {
  try {
    return parseStat(asByteString(readFileSync(`/proc/${pid}/stat`, 'latin1')))?.startTicks ?? null;
  } catch {
    return null; // the process is gone
  }
}

export function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // the process is gone
  }
}

/** The paths of its cgroups as this process sees them. */
export const membershipOf = (pid: number): Membership =>
  parseProcCgroup(asByteString(readFileSync(`/proc/${pid}/cgroup`, 'latin1')));

/**
 * Asks every few milliseconds until nothing is amiss.
 * @param amiss what there is still to wait for, as a failure would say it; null: nothing
 * @throws KnownFailure DEMO_FAILED after the deadline
 */
export async function until(
  amiss: () => string | null | Promise<string | null>,
  milliseconds = 10_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const why = await amiss();
    if (why === null) return;
    if (Date.now() > deadline) throw demoFailed(why);
    await sleep(5);
  }
}
