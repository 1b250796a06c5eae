import { asByteString } from '../model/ids.ts';
import type { Membership } from '../model/process.ts';
import { parseProcCgroup } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';

const MAX_KNOWN = 20_000;
/** Processes between two pauses: about 5 ms of work. */
const SLICE = 250;

/**
 * Reads /proc/<pid>/cgroup of many processes, pass after pass. The text hardly ever changes, and parsing it costs more than
 * reading it: the same text gives the same value again.
 */
export function membershipReader(
  reader: KernelReader,
  pause: () => Promise<void>,
): (pids: readonly number[]) => Promise<Map<number, Membership | null>> {
  const known = new Map<number, { readonly text: string; readonly membership: Membership }>();
  return async (pids) => {
    if (known.size > MAX_KNOWN) known.clear();
    const found = new Map<number, Membership | null>();
    for (const [index, pid] of pids.entries()) {
      if (index % SLICE === SLICE - 1) await pause();
      const text = reader.text(`/proc/${pid}/cgroup`);
      const before = known.get(pid);
      if (text === null) {
        known.delete(pid);
        found.set(pid, null);
      } else if (before?.text === text) found.set(pid, before.membership);
      else {
        const { membership } = parseProcCgroup(asByteString(text));
        known.set(pid, { text, membership });
        found.set(pid, membership);
      }
    }
    return found;
  };
}
