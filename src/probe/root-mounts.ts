import { asByteString, type ByteString, type Handle } from '../model/ids.ts';
import { parseMountInfo } from '../parse/mount-table.ts';
import { rootMountComponents } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';
import { pidsOf } from './processes.ts';
import { bytesOfText } from '../model/text.ts';

/** A process's own table; 1 MiB would cut the tables of busy hosts. */
const MAX_MOUNTINFO_BYTES = 4 * 1024 * 1024;
/** Mount ids are unique to a mount namespace, so that these tell one table from another. */
const BEGINNING = 256;
/** Processes between two pauses: about 5 ms of work. */
const SLICE = 32;

/**
 * The processes whose `/` mount names one of the handles: the root filesystem is still in use although Garden's cgroup
 * for it holds nothing. A mount table is read once for all processes that share it, and that of pid 1 not at all.
 */
export async function processesOnRootOf(
  reader: KernelReader,
  handles: readonly Handle[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<Handle, readonly number[]>> {
  const found = new Map<Handle, number[]>(handles.map((handle) => [handle, []]));
  const asked = handles.map((handle) => [handle, bytesOfText(handle)] as const);
  const known = new Map<string, readonly Handle[]>([[beginningOf(reader, 1), []]]);
  for (const [index, pid] of pidsOf(reader).entries()) {
    if (index % SLICE === SLICE - 1) await pause();
    const beginning = beginningOf(reader, pid);
    if (beginning === '') continue;
    let named = known.get(beginning);
    if (named === undefined) {
      const words = wordsOf(reader, pid);
      if (words === null) continue;
      named = asked.flatMap(([handle, bytes]) => (words.has(bytes) ? [handle] : []));
      known.set(beginning, named);
    }
    for (const handle of named) found.get(handle)?.push(pid);
  }
  return found;
}

const beginningOf = (reader: KernelReader, pid: number): string =>
  reader.text(`/proc/${pid}/mountinfo`, 2 * BEGINNING)?.slice(0, BEGINNING) ?? '';

function wordsOf(reader: KernelReader, pid: number): ReadonlySet<ByteString> | null {
  const table = reader.text(`/proc/${pid}/mountinfo`, MAX_MOUNTINFO_BYTES);
  return table === null ? null : rootMountComponents(parseMountInfo(asByteString(table)).mounts);
}
