import type { ByteString } from '../model/ids.ts';
import type { CgroupDirectory } from '../model/scan.ts';

type Directories = readonly CgroupDirectory[];

/** Of each process of the cell: the cgroup in which a walk saw it; null if it saw it in none. */
export class ProcessPaths {
  #directories: Directories = [];
  /** In the last listing of /proc, but in no cgroup of the walk. */
  #beyondWalk: readonly number[] = [];
  #paths = new Map<number, ByteString | null>();
  /** Whether several cgroups list one process: it moved during the walk. */
  #isAmbiguous = false;

  get size(): number {
    return this.#paths.size;
  }

  has(pid: number): boolean {
    return this.#paths.has(pid);
  }

  get(pid: number): ByteString | null {
    return this.#paths.get(pid) ?? null;
  }

  pids(): Iterable<number> {
    return this.#paths.keys();
  }

  /** @param listed the processes in /proc */
  list(directories: Directories, listed: readonly number[]): void {
    this.#walked(directories);
    this.#beyondWalk = listed.filter((pid) => !this.#paths.has(pid));
    this.#addBeyond(this.#beyondWalk);
  }

  /** After another walk. @returns the processes that may have come, gone or moved */
  follow(directories: Directories): ReadonlySet<number> {
    const changed = new Set<number>();
    const before = this.#directories;
    if (before === directories || this.#isFollowed(before, directories, changed)) return changed;
    for (const pid of this.#paths.keys()) changed.add(pid);
    this.#walked(directories);
    this.#addBeyond(this.#beyondWalk);
    for (const pid of this.#paths.keys()) changed.add(pid);
    return changed;
  }

  /** Only the cgroups that are not the same value; false if one of their processes is in another, too. */
  #isFollowed(before: Directories, directories: Directories, changed: Set<number>): boolean {
    if (this.#isAmbiguous) return false;
    const [was, is] = [new Set(before), new Set(directories)];
    for (const { path, pids } of before.filter((one) => !is.has(one)))
      for (const pid of pids) {
        if (this.#paths.get(pid) === path) this.#paths.delete(pid);
        changed.add(pid);
      }
    for (const { path, pids } of directories.filter((one) => !was.has(one)))
      for (const pid of pids) {
        if (pid > 0 && this.get(pid) !== null) return false;
        if (pid > 0) this.#paths.set(pid, path);
        changed.add(pid);
      }
    this.#directories = directories;
    this.#addBeyond(this.#beyondWalk);
    return true;
  }

  /** v2 shows members outside our pid namespace as 0. */
  #walked(directories: Directories): void {
    this.#directories = directories;
    this.#paths = new Map();
    let count = 0;
    for (const { path, pids } of directories)
      for (const pid of pids) {
        if (pid <= 0) continue;
        this.#paths.set(pid, path);
        count += 1;
      }
    this.#isAmbiguous = count !== this.#paths.size;
  }

  #addBeyond(pids: readonly number[]): void {
    for (const pid of pids) if (!this.#paths.has(pid)) this.#paths.set(pid, null);
  }
}
