import type { WaitEvidence, WaitQuestion } from '../model/destroy.ts';
import type { Handle } from '../model/ids.ts';
import { bytesOfText } from '../model/text.ts';
import { fileServersIn } from '../parse/file-servers.ts';
import { overlaysAt } from './destroy-evidence.ts';
import type { KernelReader } from './kernel-reader.ts';
import { processFacts } from './processes.ts';
import { signalsOf } from './signals.ts';
import { LATE, type TimedReads } from './timed-reads.ts';

/** A container's table has a few kilobytes, but its processes may mount as much as they like. */
const MAX_TABLE = 256 * 1024;

/**
 * What processes wait for that SIGKILL does not end. Nothing is read on the file systems
 * themselves, because whoever reads there waits, too.
 */
export async function readWaits(
  reader: KernelReader,
  tables: TimedReads,
  questions: readonly WaitQuestion[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<Handle, WaitEvidence>> {
  const found = new Map<Handle, WaitEvidence>();
  const gdnPid = questions[0]?.gdnPid ?? null;
  const overlays = gdnPid === null ? null : overlaysAt(reader, gdnPid);
  for (const { handle, pids } of questions) {
    await pause();
    found.set(handle, {
      processes: pids.flatMap((pid) => {
        const facts = processFacts(reader, pid);
        const thread = signalsOf(reader, pid);
        if (facts === null || thread === null) return [];
        const wchan = wchanOf(reader, thread.directory);
        return [{ pid, comm: facts.comm, state: thread.signals.state, wchan }];
      }),
      servers: await serversOf(reader, tables, pids),
      mounts: overlays === null ? null : (overlays.get(bytesOfText(handle)) ?? 0),
    });
  }
  return found;
}

/** The kernel gives 0 to a user who may not know, and for a process that does not wait. */
function wchanOf(reader: KernelReader, directory: string): string | null {
  const name = reader.text(`${directory}/wchan`, 128) ?? '0';
  return /^[\w.]{2,64}$/.test(name) ? name : null;
}

/** Of the first process whose table can be read; one that is exiting has none. */
async function serversOf(
  { root }: KernelReader,
  tables: TimedReads,
  pids: readonly number[],
): Promise<WaitEvidence['servers']> {
  for (const pid of pids) {
    const text = await tables.text(`${root}/proc/${pid}/mountinfo`, MAX_TABLE);
    if (text !== null && text !== LATE && text !== '') return fileServersIn(text);
  }
  return null;
}
