import { hostHierarchies, readHostTables } from './host-hierarchies.ts';
import { isRunAlive, removeRun, runsPresent } from './run-cgroups.ts';

/**
 * Removes what killed runs have left: the processes and cgroups of every run that is not alive (their mounts were in a
 * namespace that went with them). Safe beside live runs, kept cells and other callers of
 * the same pid namespace. Returns the run ids removed.
 */
export async function removeLeftovers(): Promise<readonly string[]> {
  const hierarchies = hostHierarchies(readHostTables());
  const dead = runsPresent(hierarchies).filter((runId) => !isRunAlive(hierarchies, runId));
  for (const runId of dead) await removeRun(hierarchies, runId);
  return dead;
}
