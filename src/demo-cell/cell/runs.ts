import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { errnoOf } from '../../model/failure.ts';
import { directoriesBelow, killBelow, pidsIn, removeTree } from '../cgroups/cgroup-tree.ts';
import { type HostHierarchy, hostHierarchies } from '../cgroups/hierarchies.ts';
import { parseStat } from '../../parse/process-files.ts';

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

/** The runs that have a cgroup in one of these hierarchies, alive or not. */
function runsPresent(hierarchies: readonly HostHierarchy[]): readonly string[] {
  const names = hierarchies.flatMap(({ mountPoint }) =>
    readdirSync(mountPoint, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith(RUN_PREFIX))
      .map(({ name }) => name.slice(RUN_PREFIX.length)),
  );
  return [...new Set(names)];
}

/**
 * A run is alive while its driver is (it may be starting), or while pid 1 of its cell is, which no
 * other process of the cell outlives. A name without a driver is not ours and is left alone.
 */
function isRunAlive(hierarchies: readonly HostHierarchy[], runId: string): boolean {
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

/** Ends the processes in a run's cgroups and removes these; another process may do so, too. */
export async function removeRun(
  hierarchies: readonly HostHierarchy[],
  runId: string,
): Promise<void> {
  const bases = hierarchies.map((hierarchy) => baseOf(hierarchy, runId));
  await killBelow(bases);
  for (const base of bases) await removeTree(base);
}

/** What is left of a run, for messages; empty when every trace is gone. */
export const remainsOf = (
  hierarchies: readonly HostHierarchy[],
  runId: string,
): readonly string[] =>
  hierarchies
    .map((hierarchy) => baseOf(hierarchy, runId))
    .filter((base) => existsSync(base))
    .flatMap(directoriesBelow);

/** The prefix of a run's cgroups at the top of a hierarchy; only they can outlive its processes. */
export const RUN_PREFIX = 'rollcall-cell-';

/** The process that drives a cell, with its start time because pids are reused. */
export interface Driver {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
}

let cellsOfThisProcess = 0;

/** `[label-]<pid>-<start ticks>-<n>` of the driver: shows whether a run is still alive. */
export function makeRunId(label: string | null): string {
  cellsOfThisProcess += 1;
  const { pid, startTicks } = driverOf(process.pid) ?? { pid: process.pid, startTicks: 0 };
  const identity = `${pid}-${startTicks}-${cellsOfThisProcess}`;
  return label === null ? identity : `${label.replace(/[^\w.-]/g, '_')}-${identity}`;
}

/** Null for a name that no run of ours has. */
export function driverInRunId(runId: string): Driver | null {
  const match = /(?:^|-)(\d+)-(\d+)-\d+$/.exec(runId);
  return match === null ? null : { pid: Number(match[1]), startTicks: Number(match[2]) };
}

/** The process that has this pid now; null if there is none. */
export function driverOf(pid: number): Driver | null {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return stat === null ? null : { pid, startTicks: stat.startTicks };
  } catch {
    return null;
  }
}

export const isAlive = ({ pid, startTicks }: Driver): boolean =>
  driverOf(pid)?.startTicks === startTicks;

/**
 * Removes the processes and cgroups of every run that is not alive; its mounts ended with their
 * namespace. Safe beside live runs, kept cells and other callers in the same pid namespace.
 * @returns the run ids removed
 */
export async function removeLeftovers(): Promise<readonly string[]> {
  const hierarchies = hostHierarchies();
  const dead = runsPresent(hierarchies).filter((runId) => !isRunAlive(hierarchies, runId));
  for (const runId of dead) await removeRun(hierarchies, runId);
  return dead;
}
