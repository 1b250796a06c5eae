import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { directoriesBelow, errnoOf, killBelow, pidsIn, removeTree } from './cgroup-tree.ts';
import type { HostHierarchy } from './host-hierarchies.ts';
import { driverInRunId, isAlive, RUN_PREFIX } from './run-id.ts';

/** The cell's own cgroup in a hierarchy: the scope of everything in it, as a BOSH Lite cell has one. */
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

/** A new v1 cpuset is empty and takes no process. Its children copy what it has because of clone_children. */
function shareCpus(parent: string, base: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(`${base}/${file}`, readFileSync(`${parent}/${file}`));
  }
  writeFileSync(`${base}/cgroup.clone_children`, '1');
}

/** The runs that have a cgroup in one of these hierarchies, alive or not. */
export function runsPresent(hierarchies: readonly HostHierarchy[]): readonly string[] {
  const names = hierarchies.flatMap(({ mountPoint }) =>
    readdirSync(mountPoint, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith(RUN_PREFIX))
      .map(({ name }) => name.slice(RUN_PREFIX.length)),
  );
  return [...new Set(names)];
}

/**
 * A run lives as long as its driver or the pid 1 of its cell does: with that one the kernel ends all others, and a run
 * that is just starting has only a driver. A name without a driver in it is none of ours and left alone.
 */
export function isRunAlive(hierarchies: readonly HostHierarchy[], runId: string): boolean {
  const driver = driverInRunId(runId);
  if (driver === null || isAlive(driver)) return true;
  return hierarchies.some((hierarchy) => pidsIn(baseOf(hierarchy, runId)).some(isFirstOfNamespace));
}

function isFirstOfNamespace(pid: number): boolean {
  try {
    const namespaces = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const pids = namespaces?.split('\t') ?? [];
    return pids.length > 1 && pids.at(-1) === '1';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Ends what is in a run's cgroups and removes them. A run that another process removes at the same time is no failure. */
export async function removeRun(
  hierarchies: readonly HostHierarchy[],
  runId: string,
): Promise<void> {
  const bases = hierarchies.map((hierarchy) => baseOf(hierarchy, runId));
  await killBelow(bases);
  for (const base of bases) await removeTree(base);
}

/** What is still there of a run, for messages: empty when every trace is gone. */
export const remainsOf = (
  hierarchies: readonly HostHierarchy[],
  runId: string,
): readonly string[] =>
  hierarchies
    .map((hierarchy) => baseOf(hierarchy, runId))
    .filter((base) => existsSync(base))
    .flatMap(directoriesBelow);
