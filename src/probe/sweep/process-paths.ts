import type { ByteString } from '../../model/ids.ts';
import type { CgroupDirectory } from '../../model/walk.ts';

type Directories = readonly CgroupDirectory[];

/** Of each process of the cell: the cgroup in which a walk saw it; null if it saw it in none. */
export class ProcessPaths {
  #directories: Directories = [];
  /** In the last listing of /proc, but in no cgroup of the walk. */
  #beyondWalk: readonly number[] = [];
  #paths = new Map<number, ByteString | null>();

  get byPid(): ReadonlyMap<number, ByteString | null> {
    return this.#paths;
  }

  /** @param listed the processes in /proc */
  list(directories: Directories, listed: readonly number[]): void {
    this.#beyondWalk = listed;
    this.#read(directories);
    this.#beyondWalk = listed.filter((pid) => this.#paths.get(pid) === null);
  }

  /** After another walk. @returns those that came, went or moved */
  follow(directories: Directories): readonly number[] {
    if (directories === this.#directories) return [];
    const before = this.#paths;
    this.#read(directories);
    const isSame = (pid: number): boolean => before.get(pid) === this.#paths.get(pid);
    return [...before.keys(), ...this.#paths.keys()].filter((pid) => !isSame(pid));
  }

  /** v2 shows members outside our pid namespace as 0. */
  #read(directories: Directories): void {
    this.#directories = directories;
    this.#paths = new Map();
    for (const { path, pids } of directories)
      for (const pid of pids) if (pid > 0) this.#paths.set(pid, path);
    for (const pid of this.#beyondWalk) if (!this.#paths.has(pid)) this.#paths.set(pid, null);
  }
}
