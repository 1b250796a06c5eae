/** Every 20th call searches all processes, even if the known ones still run. */
const SEARCH_EVERY = 20;

interface Started {
  readonly pid: number;
  readonly startTicks: number;
}

export interface ProcessFinder<T> {
  /**
   * Reads the known processes again. It searches only if one of them is gone, if none is known, and
   * now and then, because another one may have started.
   */
  readonly known: () => Promise<readonly T[]>;
  /** Searches all processes. */
  readonly search: () => Promise<readonly T[]>;
}

/**
 * Remembers the processes that a search found, and identifies them by pid and start time. Reading
 * the name of every process costs more than the rest of a pass.
 * @param readAgain null if the process no longer is what was searched
 */
export function processFinder<T extends Started>(
  search: () => Promise<readonly T[]>,
  readAgain: (known: T) => Promise<T | null>,
): ProcessFinder<T> {
  let found: readonly T[] = [];
  let callsSinceSearch = 0;
  const searchNow = async (): Promise<readonly T[]> => {
    callsSinceSearch = 0;
    found = await search();
    return found;
  };
  const known = async (): Promise<readonly T[]> => {
    callsSinceSearch += 1;
    const again: T[] = [];
    for (const before of found) {
      const now = await readAgain(before);
      if (now?.startTicks === before.startTicks) again.push(now);
    }
    const isComplete = found.length > 0 && again.length === found.length;
    if (!isComplete || callsSinceSearch >= SEARCH_EVERY) return searchNow();
    found = again;
    return found;
  };
  return { known, search: searchNow };
}
