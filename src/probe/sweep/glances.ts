import type { ByteString } from '../../model/ids.ts';
import type { SuspectedProcess } from '../../model/sweep.ts';
import type { OwnProcess, OwnProcesses } from './own-processes.ts';

/** Processes that one glance reads: a fifth of a millisecond. */
const AT_A_TIME = 6;
/** Up to so many of these belong to containers of which a glance saw a process outside. */
const WATCHED_AT_A_TIME = 3;
/** For how many passes such a container is watched: as many as its clock remembers. */
const PASSES_WATCHED = 8;
const MAX_WATCHED = 64;
/** Processes seen outside that are kept until a pass takes them. */
const MAX_SIGHTS = 64;

/**
 * What was seen between passes. Whoever sees rollcall open a cgroup can bring its processes home for
 * a pass. A glance opens no cgroup and comes at a random time, so nobody can expect it.
 */
export class Glances {
  readonly #own: OwnProcesses;
  readonly #sights = new Map<number, SuspectedProcess>();
  /** The containers that are watched, in the order of their turns, and for how many passes nothing was seen. */
  readonly #watched = new Map<ByteString, number>();

  constructor(own: OwnProcesses) {
    this.#own = own;
  }

  /** The processes to read now: those whose turn it is, and some of the containers that are watched. */
  next(): readonly OwnProcess[] {
    const watched: OwnProcess[] = [];
    for (const [name, passes] of [...this.#watched].slice(0, WATCHED_AT_A_TIME)) {
      this.#watched.delete(name);
      this.#watched.set(name, passes);
      watched.push(...this.#own.nextOf(name, 1));
    }
    return [...watched, ...this.#own.next(AT_A_TIME - watched.length)];
  }

  sees(name: ByteString, suspect: SuspectedProcess): void {
    if (this.#watched.has(name) || this.#watched.size < MAX_WATCHED) this.#watched.set(name, 0);
    const { pid } = suspect.process;
    if (this.#sights.has(pid) || this.#sights.size < MAX_SIGHTS) this.#sights.set(pid, suspect);
  }

  /** What was seen since the last pass that counts. @param counts whether this pass is one */
  take(counts: boolean): readonly SuspectedProcess[] {
    const sights = [...this.#sights.values()];
    if (!counts) return sights;
    this.#sights.clear();
    for (const [name, passes] of this.#watched) {
      if (passes >= PASSES_WATCHED) this.#watched.delete(name);
      else this.#watched.set(name, passes + 1);
    }
    return sights;
  }
}
