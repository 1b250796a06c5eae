import fs from 'node:fs';
import { asByteString } from '../model/ids.ts';
import { hasEnded, type Membership } from '../model/process.ts';
import { parseProcCgroup, parseStat } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';

/** Where /proc shows a process, or one of its threads: the part of the path behind `/proc/`. */
export type ProcDirectory = number | 'self' | `${number}/task/${number}`;

/** The cgroups of the process in that directory of /proc; null if it is gone. */
export function membershipOf(reader: KernelReader, directory: ProcDirectory): Membership | null {
  const text = reader.text(`/proc/${directory}/cgroup`);
  return text === null ? null : parseProcCgroup(asByteString(text));
}

/** Threads that are read of a process whose main thread has ended. */
const MAX_THREADS = 16;

/**
 * The thread that stands for a process: its main one, or a living one if that has ended. For a main
 * thread that has ended, the kernel shows no mount table. On v1 it shows no cgroup either; on v2 it
 * shows the one in which the thread ended, even if the others have moved since. Null if no thread lives.
 */
export function liveThread(reader: KernelReader, pid: number): ProcDirectory | null {
  if (lives(reader, pid)) return pid;
  for (const thread of threadsOf(reader, pid)) {
    const directory: ProcDirectory = `${pid}/task/${thread}`;
    if (lives(reader, directory)) return directory;
  }
  return null;
}

/** Whether a process is only waited for: no thread of it is left, so none can start. */
export const isZombie = (reader: KernelReader, pid: number): boolean =>
  !lives(reader, pid) && threadsOf(reader, pid).length === 0;

const lives = (reader: KernelReader, directory: ProcDirectory): boolean => {
  const stat = parseStat(reader.text(`/proc/${directory}/stat`) ?? '');
  return stat !== null && !hasEnded(stat.state);
};

/** The first ones; a process can have as many as its cgroup allows. */
function threadsOf({ root }: KernelReader, pid: number): readonly number[] {
  const threads: number[] = [];
  let directory: fs.Dir;
  try {
    directory = fs.opendirSync(`${root}/proc/${pid}/task`);
  } catch {
    return threads; // the process is gone
  }
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      const thread = Number(entry.name);
      if (Number.isInteger(thread) && thread !== pid) threads.push(thread);
      if (threads.length === MAX_THREADS) break;
    }
  } catch {
    // The rest went with the process.
  } finally {
    directory.closeSync();
  }
  return threads;
}
