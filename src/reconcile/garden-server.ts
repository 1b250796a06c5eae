import type { ProcessInCgroups } from '../model/process.ts';

/**
 * Of the processes called `gdn` the one that is asked where the cell's cgroups begin, before any hierarchy can be walked:
 * in the outermost pid namespace, of real uid 0 (a container can name a process as it likes, but not that), the oldest.
 */
export const gardenServer = (processes: readonly ProcessInCgroups[]): ProcessInCgroups | null =>
  processes
    .filter(({ namespacePids, realUid }) => namespacePids.length === 1 && realUid === 0)
    .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)[0] ?? null;
