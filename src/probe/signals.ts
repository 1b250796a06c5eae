import fs from 'node:fs';
import { hasEnded, type ProcessSignals } from '../model/process.ts';
import { isExiting, parseSignals } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';

/** Processes between two pauses: about 5 ms of work. */
const AT_ONCE = 64;
/** How many threads are read of a process whose main thread has ended. */
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
 * its own, as `cgroup.kill` sends them. Then another thread stands for the process. It exits only if
 * every thread that lives does.
 */
export function signalsOf(reader: KernelReader, pid: number): Thread | null {
  const main = signalsIn(reader, `/proc/${pid}`);
  if (main === null || runs(main)) return main;
  const threads = threadsOf(reader, pid);
  const others = threads
    .slice(0, MAX_THREADS)
    .flatMap((thread) => signalsIn(reader, `/proc/${pid}/task/${thread}`) ?? []);
  const found = others.find(runs) ?? [main, ...others].find(lives) ?? main;
  return threads.length > MAX_THREADS
    ? { ...found, signals: { ...found.signals, isExiting: false } }
    : found;
}

type Thread = { readonly directory: string; readonly signals: ProcessSignals };
const lives = ({ signals }: Thread): boolean => !hasEnded(signals.state);
const runs = (thread: Thread): boolean => lives(thread) && !thread.signals.isExiting;

function signalsIn(reader: KernelReader, directory: string): Thread | null {
  const signals = parseSignals(reader.text(`${directory}/status`) ?? '');
  if (signals === null) return null;
  const stat = reader.text(`${directory}/stat`) ?? '';
  return { directory, signals: { ...signals, isExiting: isExiting(stat) } };
}

function threadsOf({ root }: KernelReader, pid: number): readonly number[] {
  try {
    return fs
      .readdirSync(`${root}/proc/${pid}/task`)
      .map(Number)
      .filter((thread) => Number.isInteger(thread) && thread !== pid);
  } catch {
    return [];
  }
}
