import type { ControllerName } from '../../model/hierarchy.ts';
import type { Homes } from '../../model/homes.ts';
import { asByteString, type ByteString } from '../../model/ids.ts';
import { hierarchiesAtHome } from '../../model/sweep.ts';
import { parseProcCgroup } from '../../parse/process-files.ts';

/** Each takes a kilobyte on v1. */
const MAX_TEXTS = 1024;

/** A process in the cgroup of its container, which has this name, in the hierarchy that is walked. */
export interface OwnProcess {
  readonly pid: number;
  readonly name: ByteString;
}

/**
 * The processes that are in the cgroup of their container. The walk shows that in one hierarchy only.
 * Their others are read in turn, and compared with those of the other processes of the container:
 * which hierarchies Garden uses is not known here, and differs between cells.
 */
export class OwnProcesses {
  /** By pid. The one whose turn was last comes last. */
  readonly #names = new Map<number, ByteString>();
  /** By name, where processes of the container were seen in its cgroups. */
  readonly #hierarchies = new Map<ByteString, Set<ControllerName>>();
  /** By container and text of /proc/PID/cgroup. */
  readonly #atHome = new Map<string, readonly ControllerName[]>();
  #homes: Homes | null = null;

  add({ pid, name }: OwnProcess): void {
    this.#names.set(pid, name);
  }

  delete(pid: number): void {
    this.#names.delete(pid);
  }

  has(pid: number): boolean {
    return this.#names.has(pid);
  }

  /** The next processes in turn, of any container. */
  next(count: number): readonly OwnProcess[] {
    return this.#take(count, () => true);
  }

  /** The next processes in turn of one container. */
  nextOf(container: ByteString, count: number): readonly OwnProcess[] {
    return this.#take(count, (name) => name === container);
  }

  #take(count: number, isWanted: (name: ByteString) => boolean): readonly OwnProcess[] {
    const taken: OwnProcess[] = [];
    for (const [pid, name] of this.#names) {
      if (taken.length >= count) break;
      if (isWanted(name)) taken.push({ pid, name });
    }
    for (const { pid, name } of taken) {
      this.#names.delete(pid);
      this.#names.set(pid, name);
    }
    return taken;
  }

  /**
   * The hierarchies in which a text of /proc/PID/cgroup shows a cgroup of the container. It is parsed
   * once while the homes are the same, because parsing costs more than reading.
   */
  atHome(name: ByteString, text: string, homes: Homes): readonly ControllerName[] {
    if (homes !== this.#homes || this.#atHome.size >= MAX_TEXTS) this.#atHome.clear();
    this.#homes = homes;
    const key = `${name}\0${text}`;
    const known = this.#atHome.get(key);
    if (known !== undefined) return known;
    const found = hierarchiesAtHome(parseProcCgroup(asByteString(text)), name, homes);
    this.#atHome.set(key, found);
    return found;
  }

  /** A process of the container is in its cgroups in these hierarchies. */
  sees(name: ByteString, hierarchies: readonly ControllerName[]): void {
    const known = this.#hierarchies.get(name) ?? new Set();
    for (const hierarchy of hierarchies) known.add(hierarchy);
    this.#hierarchies.set(name, known);
  }

  /** Whether another process of the container was seen in a hierarchy that is not among these. */
  isMoreThan(hierarchies: readonly ControllerName[], name: ByteString): boolean {
    return [...(this.#hierarchies.get(name) ?? [])].some((one) => !hierarchies.includes(one));
  }

  /** Forgets containers of which no process is left. */
  forgetGone(): void {
    const names = new Set(this.#names.values());
    for (const name of this.#hierarchies.keys())
      if (!names.has(name)) this.#hierarchies.delete(name);
  }
}
