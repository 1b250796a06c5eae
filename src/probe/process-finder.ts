import { isEqual } from '../model/equal.ts';
import { hasEnded } from '../model/process.ts';
import { parseStat } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';
import type { NamedProcesses, ProcessNames } from './process-names.ts';
import { Rereads } from './rereads.ts';

/** Every 20th call searches, even if nothing shows that another one has started. */
const SEARCH_EVERY = 20;

interface Started {
  readonly pid: number;
  readonly startTicks: number;
  readonly state: string;
  readonly comm: string;
}

/** Without what changes while a process runs. */
const comparable = <T extends Started>(process: T) => ({
  ...process,
  state: hasEnded(process.state),
});

export interface ProcessFinder<T> {
  /** Reads again what is due of the known ones. All names only if one is gone or none is known. */
  readonly known: () => Promise<readonly T[]>;
  /** Reads all names. */
  readonly search: () => Promise<readonly T[]>;
}

export interface ProcessReads<T> {
  readonly search: (named: NamedProcesses) => Promise<readonly T[]>;
  /** Null if the process no longer is what was searched. */
  readonly reread: (known: T) => Promise<T | null>;
}

/** Identified by pid and start; the same value while only the scheduler's states change. */
export function processFinder<T extends Started>(
  reader: KernelReader,
  names: ProcessNames,
  { search, reread }: ProcessReads<T>,
): ProcessFinder<T> {
  const rereads = new Rereads<number>(names.pass);
  let found: readonly T[] = [];
  let callsSinceSearch = 0;
  let foundBySweep = 0;
  const keep = (now: readonly T[]): readonly T[] => {
    if (!isEqual(now.map(comparable), found.map(comparable))) found = now;
    return found;
  };
  const searchIn = async (named: NamedProcesses): Promise<readonly T[]> => {
    callsSinceSearch = 0;
    ({ foundBySweep } = names);
    return keep(await search(named));
  };
  const known = async (): Promise<readonly T[]> => {
    callsSinceSearch += 1;
    const again: T[] = [];
    for (const before of found) {
      const isWhole = rereads.isDue(before.pid);
      const now = isWhole ? await reread(before) : stillRuns(reader, before) ? before : null;
      if (now?.startTicks !== before.startTicks) continue;
      if (isWhole) rereads.wasRead(before.pid, false);
      again.push(now);
    }
    if (found.length === 0 || again.length < found.length) return searchIn(names.ofPass());
    const isMore = foundBySweep !== names.foundBySweep || names.isCut;
    const isDue = callsSinceSearch >= SEARCH_EVERY || isMore;
    return isDue ? searchIn(names.known()) : keep(again);
  };
  return { known, search: () => searchIn(names.read()) };
}

/** Whether it is the same process, has not ended and has not executed another program. */
function stillRuns(reader: KernelReader, { pid, startTicks, comm }: Started): boolean {
  const text = reader.text(`/proc/${pid}/stat`) ?? '';
  const stat = parseStat(text);
  if (stat?.startTicks !== startTicks || hasEnded(stat.state)) return false;
  return text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')) === comm;
}
