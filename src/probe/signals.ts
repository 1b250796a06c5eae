import fs from 'node:fs';
import { hasEnded, type ProcessSignals } from '../model/process.ts';
import { parseSignals } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';

/** Processes between two pauses: about 5 ms of work. */
const AT_ONCE = 64;
/** Of one process whose main thread has ended. */
const MAX_THREADS = 16;

/** What is pending for each process; null if it is gone. */
export async function readSignals(
  reader: KernelReader,
  pids: readonly number[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<number, ProcessSignals | null>> {
  const signals = new Map<number, ProcessSignals | null>();
  for (const [index, pid] of pids.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await pause();
    signals.set(pid, signalsOf(reader, pid)?.signals ?? null);
  }
  return signals;
}

/**
 * The main thread is a zombie while others live, and no signal is pending for it if each thread got
 * its own, as `cgroup.kill` sends them. Then another thread stands for the process.
 */
export function signalsOf(
  reader: KernelReader,
  pid: number,
): { readonly directory: string; readonly signals: ProcessSignals } | null {
  const main = signalsIn(reader, `/proc/${pid}`);
  if (main === null || !hasEnded(main.signals.state)) return main;
  for (const thread of threadsOf(reader, pid)) {
    const other = signalsIn(reader, `/proc/${pid}/task/${thread}`);
    if (other !== null && !hasEnded(other.signals.state)) return other;
  }
  return main;
}

function signalsIn(reader: KernelReader, directory: string) {
  const signals = parseSignals(reader.text(`${directory}/status`) ?? '');
  return signals === null ? null : { directory, signals };
}

function threadsOf({ root }: KernelReader, pid: number): readonly number[] {
  try {
    return fs
      .readdirSync(`${root}/proc/${pid}/task`)
      .map(Number)
      .filter((thread) => Number.isInteger(thread) && thread !== pid)
      .slice(0, MAX_THREADS);
  } catch {
    return [];
  }
}
