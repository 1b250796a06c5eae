import type { ProcessFacts, ProcessInCgroups } from './process.ts';

/**
 * Whether a process can be Garden's server: called `gdn`, in the outermost pid namespace, of real uid 0. A container can
 * name a process as it likes, but not leave its pid namespace or become the host's root.
 */
export const isGardenServer = ({
  comm,
  namespacePids,
  realUid,
}: Pick<ProcessFacts, 'comm' | 'namespacePids' | 'realUid'>): boolean =>
  comm === 'gdn' && namespacePids.length === 1 && realUid === 0;

/** The one that is asked where the cell's cgroups begin before any hierarchy can be walked: the oldest. */
export const gardenServer = (processes: readonly ProcessInCgroups[]): ProcessInCgroups | null =>
  processes
    .filter(isGardenServer)
    .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)[0] ?? null;
