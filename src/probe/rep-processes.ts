import { isRep, type ProcessStart, type RepProcess } from '../model/process.ts';
import { parseStat, parseStatus } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';
import { factsInCgroups, pidsOf } from './processes.ts';

/** Every 20th call searches all processes, even if the known ones still run. */
const SEARCH_EVERY = 20;
const NAME = 'rep';

/**
 * Finds the processes that can be Diego's rep. As with gdn, it searches only if a known process is
 * gone or none was found. Otherwise it reads the known ones again and identifies them by pid and
 * start time.
 */
export function repFinder(reader: KernelReader): () => readonly RepProcess[] {
  let found: readonly RepProcess[] = [];
  let callsSinceSearch = 0;
  const search = (): readonly RepProcess[] => {
    callsSinceSearch = 0;
    return pidsOf(reader).flatMap((pid) =>
      reader.text(`/proc/${pid}/comm`) === `${NAME}\n` ? (repAt(reader, pid) ?? []) : [],
    );
  };
  return () => {
    callsSinceSearch += 1;
    const again = found.flatMap((before) => {
      const now = repAt(reader, before.pid);
      return now?.startTicks === before.startTicks ? [now] : [];
    });
    const isComplete = found.length > 0 && again.length === found.length;
    found = isComplete && callsSinceSearch < SEARCH_EVERY ? again : search();
    return found;
  };
}

/**
 * Null if the process is gone or cannot be rep: a container may have many processes with that name.
 */
function repAt(reader: KernelReader, of: number): RepProcess | null {
  const process = factsInCgroups(reader, of, () => false)?.process;
  if (process === undefined || !isRep(process)) return null;
  const { pid, startTicks, startedAt, state, namespacePids, comm, membership } = process;
  return { pid, startTicks, startedAt, state, namespacePids, comm, membership };
}

/** Reads a container's process, but nothing that the process wrote itself. */
export function startOf(reader: KernelReader, pid: number): ProcessStart | null {
  const before = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  const status = parseStatus(reader.text(`/proc/${pid}/status`) ?? '');
  const after = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  if (before === null || status === null || after?.startTicks !== before.startTicks) return null;
  return { startTicks: before.startTicks, namespacePids: status.namespacePids };
}
