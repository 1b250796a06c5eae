import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { killBelow, removeTree, unlessGone } from '../cgroups/cgroup-tree.ts';
import { type HostHierarchy, hostHierarchies } from '../cgroups/hierarchies.ts';

/** The prefix of a run's cgroups at the top of a hierarchy; only they can outlive its processes. */
export const RUN_PREFIX = 'rollcall-cell-';

export const makeRunId = (label: string): string => `${label}-${randomUUID().slice(0, 8)}`;

/** The cell's own cgroup in a hierarchy, like that of a BOSH Lite cell. */
export const baseOf = ({ mountPoint }: Pick<HostHierarchy, 'mountPoint'>, runId: string): string =>
  `${mountPoint}/${RUN_PREFIX}${runId}`;

export function makeBases(hierarchies: readonly HostHierarchy[], runId: string): readonly string[] {
  return hierarchies.map((hierarchy) => {
    const base = baseOf(hierarchy, runId);
    mkdirSync(base);
    if (hierarchy.controllers.includes('cpuset')) shareCpus(hierarchy.mountPoint, base);
    return base;
  });
}

/** A new v1 cpuset accepts no process; with clone_children its children inherit CPUs. */
function shareCpus(parent: string, base: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(`${base}/${file}`, readFileSync(`${parent}/${file}`));
  }
  writeFileSync(`${base}/cgroup.clone_children`, '1');
}

/**
 * Ends the processes in a run's cgroups and removes these; another process may do so, too.
 * @throws KnownFailure DEMO_FAILED that names what stays
 */
export async function removeRun(
  hierarchies: readonly HostHierarchy[],
  runId: string,
): Promise<void> {
  const bases = hierarchies.map((hierarchy) => baseOf(hierarchy, runId));
  await killBelow(bases);
  for (const base of bases) await removeTree(base);
}

/** Longer than a cell takes to put its pid 1 into its cgroups, and to remove them. */
const START_MILLISECONDS = 120_000;

/**
 * Removes the cgroups of every run whose driver and shells were killed; its mounts ended with their
 * namespace. Safe beside live runs, kept cells and other callers: the pid 1 of a live cell is in
 * its own cgroup in at least one hierarchy.
 */
export async function removeLeftovers(): Promise<void> {
  const bases = hostHierarchies().flatMap(({ mountPoint }) =>
    readdirSync(mountPoint)
      .filter((name) => name.startsWith(RUN_PREFIX))
      .map((name) => `${mountPoint}/${name}`),
  );
  for (const ofRun of Map.groupBy(bases, (base) => path.basename(base)).values())
    if (ofRun.every(isLeft)) for (const base of ofRun) await removeTree(base);
}

/** Reads `0` for a process of another pid namespace, so that its run counts as live. */
const isLeft = (base: string): boolean =>
  unlessGone(
    () =>
      readFileSync(`${base}/cgroup.procs`, 'utf8') === '' &&
      Date.now() - statSync(base).mtimeMs > START_MILLISECONDS,
    true,
  );
