import { containerAt, pathInWalk } from '../../model/homes.ts';
import { asByteString, type ByteString } from '../../model/ids.ts';
import { ownerOfPea } from '../../model/peas.ts';
import { pathIn } from '../../model/process.ts';
import { hierarchiesAtHome, type SuspectedProcess, type SweepPlan } from '../../model/sweep.ts';

/** How many suspects of each kind one pass keeps; the next pass finds the others. */
const MAX_SUSPECTS = 64;
const MAX_SUSPECTS_OF_A_CHECK = 1024;
/** More suspects with the same root filesystem say no more about its container. */
const MAX_SUSPECTS_OF_AN_IMAGE = 5;

/**
 * The suspects that a pass keeps. There are three kinds, and none fills the places of another: those
 * in no cgroup of their container, those in some of its cgroups, and those whose image is of no known
 * container, because a process chooses what its `/` line names.
 */
export class Suspects {
  readonly #homes: SweepPlan['homes'];
  readonly #limit: number;
  readonly #escaped: SuspectedProcess[] = [];
  readonly #partly: SuspectedProcess[] = [];
  readonly #foreign: SuspectedProcess[] = [];
  /** Those that are not kept, by pid: the container in whose cgroup each is; null: it is in none. */
  readonly omitted = new Map<number, ByteString | null>();

  constructor({ homes, isWhole }: Pick<SweepPlan, 'homes' | 'isWhole'>) {
    this.#homes = homes;
    this.#limit = isWhole ? MAX_SUSPECTS_OF_A_CHECK : MAX_SUSPECTS;
  }

  get all(): readonly SuspectedProcess[] {
    return [...this.#escaped, ...this.#partly, ...this.#foreign];
  }

  add(found: SuspectedProcess): void {
    const { pid } = found.process;
    const { name, store } = found.image;
    const kept = this.#listFor(found);
    if (this.all.some(({ process }) => process.pid === pid)) return;
    const ofImage = kept.filter(({ image }) => image.name === name && image.store === store);
    if (ofImage.length >= MAX_SUSPECTS_OF_AN_IMAGE) return;
    const container = this.#containerOf(found);
    const isCrowd =
      container !== null &&
      kept.filter((one) => this.#containerOf(one) === container).length >= this.#limit / 4;
    if (isCrowd || kept.length >= this.#limit) this.omitted.set(pid, container);
    else kept.push(found);
  }

  /** What a glance saw, unless the pass itself sees the process in as few cgroups of its container. */
  addSight(found: SuspectedProcess): void {
    const homesOf = ({ membership, image: { name } }: SuspectedProcess): number =>
      hierarchiesAtHome(membership, name, this.#homes).length;
    for (const kept of [this.#escaped, this.#partly, this.#foreign]) {
      const index = kept.findIndex(({ process: { pid } }) => pid === found.process.pid);
      const seen = kept[index];
      if (seen !== undefined && homesOf(seen) > homesOf(found)) kept.splice(index, 1);
    }
    this.add(found);
  }

  #listFor({ image: { name }, membership }: SuspectedProcess): SuspectedProcess[] {
    if (hierarchiesAtHome(membership, name, this.#homes).length > 0) return this.#partly;
    const { handles } = this.#homes;
    const isKnown =
      handles.has(name) ||
      ownerOfPea(name, (candidate) => handles.has(asByteString(candidate))) !== null;
    return isKnown ? this.#escaped : this.#foreign;
  }

  /** The container in whose cgroup it is, which is not its own. */
  #containerOf({ membership }: SuspectedProcess): ByteString | null {
    const { primary } = this.#homes;
    const path = pathIn(membership, primary);
    return path === undefined
      ? null
      : containerAt(pathInWalk(path, primary, this.#homes), this.#homes);
  }
}
