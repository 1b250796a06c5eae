import { isEqual } from '../model/equal.ts';
import { hasEnded } from '../model/process.ts';
import { Rereads, type PassUnderWay } from './rereads.ts';

/** Every 20th call searches all processes, even if the known ones still run. */
const SEARCH_EVERY = 20;

interface Started {
  readonly pid: number;
  readonly startTicks: number;
  readonly state: string;
}

/** Without what changes while a process runs. */
const settled = <T extends Started>(process: T) => ({ ...process, state: hasEnded(process.state) });

export interface ProcessFinder<T> {
  /**
   * Reads again what is due of the known processes. It searches only if one of them is gone, if none is known, and
   * now and then, because another one may have started.
   */
  readonly known: () => Promise<readonly T[]>;
  /** Searches all processes. */
  readonly search: () => Promise<readonly T[]>;
}

export interface ProcessReads<T> {
  readonly search: () => Promise<readonly T[]>;
  /** Null if the process no longer is what was searched. */
  readonly readAgain: (known: T) => Promise<T | null>;
  /** Whether the process with this pid started then, has this name and has not ended. */
  readonly stillRuns: (known: T) => boolean;
}

/**
 * Remembers the processes that a search found, and identifies them by pid and start time. Reading
 * the name of every process costs more than the rest of a pass. The same value is returned while
 * nothing but the scheduler's state of a process changes.
 */
export function processFinder<T extends Started>(
  pass: PassUnderWay,
  { search, readAgain, stillRuns }: ProcessReads<T>,
): ProcessFinder<T> {
  const rereads = new Rereads<number>(pass);
  let found: readonly T[] = [];
  let callsSinceSearch = 0;
  const keep = (now: readonly T[]): readonly T[] => {
    if (!isEqual(now.map(settled), found.map(settled))) found = now;
    return found;
  };
  const searchNow = async (): Promise<readonly T[]> => {
    callsSinceSearch = 0;
    return keep(await search());
  };
  const known = async (): Promise<readonly T[]> => {
    callsSinceSearch += 1;
    const again: T[] = [];
    for (const before of found) {
      const isWhole = rereads.isDue(before.pid);
      const now = isWhole ? await readAgain(before) : stillRuns(before) ? before : null;
      if (now?.startTicks !== before.startTicks) continue;
      if (isWhole) rereads.wasRead(before.pid, false);
      again.push(now);
    }
    const isComplete = found.length > 0 && again.length === found.length;
    if (!isComplete || callsSinceSearch >= SEARCH_EVERY) return searchNow();
    return keep(again);
  };
  return { known, search: searchNow };
}
