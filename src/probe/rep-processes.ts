import { asRep, isRep, type ProcessStart, type RepProcess } from '../model/process.ts';
import type { KernelReader } from './kernel-reader.ts';
import { processFinder } from './process-finder.ts';
import { pidsNamed, REP, type ProcessNames } from './process-names.ts';
import { factsInCgroups } from './processes.ts';

/** Finds the processes that can be Diego's rep. */
export const repFinder = (
  reader: KernelReader,
  names: ProcessNames,
): (() => Promise<readonly RepProcess[]>) =>
  processFinder(reader, names, {
    search: (named) =>
      Promise.resolve(pidsNamed(REP, named).flatMap((pid) => repAt(reader, pid) ?? [])),
    reread: ({ pid }) => Promise.resolve(repAt(reader, pid)),
  }).known;

/** Null if the process is gone or cannot be rep: containers may have many of that name. */
function repAt(reader: KernelReader, of: number): RepProcess | null {
  const process = factsInCgroups(reader, of);
  return process === null || !isRep(process) ? null : asRep(process);
}

/** Reads a container's process, but nothing that the process wrote itself. */
export const startOf = (reader: KernelReader, pid: number): ProcessStart | null =>
  reader.sameProcess(pid, ({ startTicks }) => {
    const status = reader.status(pid);
    return status === null ? null : { startTicks, namespacePids: status.namespacePids };
  });
