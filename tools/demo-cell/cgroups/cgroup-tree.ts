import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { errnoOf } from '../../../src/model/failure.ts';
import { kill, until } from './processes.ts';

export const makeDirectory = (directory: string): void => {
  mkdirSync(directory, { recursive: true });
};

/** Moves a process with all its threads. */
export async function moveInto(directories: readonly string[], pid: number): Promise<void> {
  for (const directory of directories) await writeFile(`${directory}/cgroup.procs`, `${pid}`);
}

/** Moves a process, unless it has ended in the meantime. */
export function moveIfThere(directory: string, pid: number): void {
  try {
    writeFileSync(`${directory}/cgroup.procs`, `${pid}`);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** The members of one cgroup. A process of another pid namespace reads as 0 and is left out. */
export function pidsIn(directory: string): readonly number[] {
  const text = unlessGone(() => readFileSync(`${directory}/cgroup.procs`, 'utf8'), '');
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

export const pidsBelow = (directory: string): readonly number[] =>
  directoriesBelow(directory).flatMap(pidsIn);

/** The directory and all below it, parents first; empty if it does not exist. */
function directoriesBelow(directory: string): readonly string[] {
  const entries = unlessGone(() => readdirSync(directory, { withFileTypes: true }), null);
  if (entries === null) return [];
  const children = entries.filter((entry) => entry.isDirectory());
  return [directory, ...children.flatMap(({ name }) => directoriesBelow(`${directory}/${name}`))];
}

/** Repeats until no process is left, because a dying process may still have forked. */
export const killBelow = (directories: readonly string[]): Promise<void> =>
  until(() => {
    const pids = [...new Set(directories.flatMap(pidsBelow))];
    for (const pid of pids) kill(pid);
    return pids.length === 0 ? null : `processes ${pids.join(', ')} do not die`;
  });

/** Deepest first. A cgroup stays busy for a moment after its last process left. */
export const removeTree = (directory: string): Promise<void> =>
  until(() => {
    const left = directoriesBelow(directory).toReversed();
    const busy = left.filter((one) => !isRemoved(one));
    return busy.length === 0 ? null : `cgroup ${busy[0]} stays busy: see its cgroup.procs`;
  });

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return true;
    if (errno === 'EBUSY' || errno === 'ENOTEMPTY') return false;
    throw error;
  }
}

/** `gone` where the cgroup has been removed meanwhile. */
export function unlessGone<T>(read: () => T, gone: T): T {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(errnoOf(error))) return gone;
    throw error;
  }
}
