import type { ProcessInCgroups } from '../model/process.ts';
import type { KernelReader } from './kernel-reader.ts';
import { processesNamed, processInCgroups } from './processes.ts';

/** Of so many passes one searches all processes, so that a second gdn server is noticed, too. */
const SEARCH_EVERY = 20;

/**
 * Finds the processes called `gdn`. Reading the name of every process costs more than the rest of a pass, so those found
 * before are only read again, and recognised by pid and start time; if one of them is gone, all are searched.
 */
export function gardenProcessFinder(reader: KernelReader): () => readonly ProcessInCgroups[] {
  let known: readonly ProcessInCgroups[] = [];
  let looksSinceSearch = 0;
  return () => {
    looksSinceSearch += 1;
    const again = known.flatMap(({ pid, startTicks }) => {
      const now = processInCgroups(reader, pid);
      return now?.startTicks === startTicks && now.comm === 'gdn' ? [now] : [];
    });
    const isComplete = known.length > 0 && again.length === known.length;
    if (isComplete && looksSinceSearch < SEARCH_EVERY) known = again;
    else {
      known = processesNamed(reader, 'gdn');
      looksSinceSearch = 0;
    }
    return known;
  };
}
