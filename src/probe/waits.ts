import type { WaitEvidence, WaitQuestion } from '../model/destroy.ts';
import type { Handle } from '../model/ids.ts';
import { fileServersIn } from '../parse/file-servers.ts';
import { overlayCounter } from './destroy-evidence.ts';
import type { KernelReader } from './kernel-reader.ts';
import { processFacts } from './processes.ts';
import { signalsOf } from './signals.ts';
import type { TimedReads } from './timed-reads.ts';

/** A container's table has a few kilobytes, but its processes may mount as much as they like. */
const MAX_TABLE = 256 * 1024;

/** What killed processes wait for. Nothing on the file systems is read: its reader waits, too. */
export async function readWaits(
  reader: KernelReader,
  tables: TimedReads,
  questions: readonly WaitQuestion[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<Handle, WaitEvidence>> {
  const found = new Map<Handle, WaitEvidence>();
  const overlaysOfHandle = overlayCounter(reader, questions[0]?.gdnPid ?? null);
  for (const { handle, pids } of questions) {
    await pause();
    const waiting = pids.flatMap((pid) => waitingAt(reader, pid) ?? []);
    found.set(handle, {
      processes: waiting.map(({ directory, ...one }) => ({
        ...one,
        wchan: wchanOf(reader, directory),
      })),
      servers: await serversOf(reader, tables, waiting),
      mounts: overlaysOfHandle(handle),
    });
  }
  return found;
}

/** The directory is that of the thread that lives: the kernel tells nothing about one that has ended. */
function waitingAt(reader: KernelReader, pid: number) {
  const comm = processFacts(reader, pid)?.comm;
  const thread = signalsOf(reader, pid);
  if (comm === undefined || thread === null) return null;
  return { pid, comm, state: thread.signals.state, directory: thread.directory };
}

/** The kernel gives 0 to a user who may not know, and for a process that does not wait. */
function wchanOf(reader: KernelReader, directory: string): string | null {
  const name = reader.text(`${directory}/wchan`, 128) ?? '0';
  return /^[\w.]{2,64}$/.test(name) ? name : null;
}

/** The file servers in the mount table of the first process whose table can be read. */
async function serversOf(
  { root }: KernelReader,
  tables: TimedReads,
  waiting: readonly { readonly directory: string }[],
): Promise<WaitEvidence['servers']> {
  for (const { directory } of waiting) {
    const text = await tables.text(`${root}${directory}/mountinfo`, MAX_TABLE);
    if (typeof text === 'string' && text !== '') return fileServersIn(text);
  }
  return null;
}
