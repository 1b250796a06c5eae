import { isGardenServer } from '../model/garden-server.ts';
import type { ProcessInCgroups } from '../model/process.ts';

/** The one that is asked where the cell's cgroups begin before any hierarchy can be walked: the oldest. */
export const gardenServer = (processes: readonly ProcessInCgroups[]): ProcessInCgroups | null =>
  processes
    .filter(isGardenServer)
    .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)[0] ?? null;
