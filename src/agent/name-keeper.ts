import { setTimeout as sleep } from 'node:timers/promises';
import type { Names, NamingFacts } from '../model/names.ts';
import { isCurrent, namesAfter, namesWith, noNames, unknownIn } from '../names/known-names.ts';
import type { CompletedPass } from '../pass/complete-pass.ts';
import type { MadePass } from '../pass/verify-pass.ts';
import { namesOfPass } from '../pass/names-of-pass.ts';
import type { NamingProbe } from '../probe/cell-probe.ts';

/** Garden is asked beside the passes at most this often. */
const REFRESH_MILLISECONDS = 1000;
/** Changes make it be asked only this often: while one container a second comes and goes, a list each second is dear. */
const CHANGES_MILLISECONDS = 4000;

/** Which app each container belongs to, also of those that ended within the last hour. */
export class NameKeeper {
  readonly #probe: NamingProbe;
  readonly #changed: (names: Names, isConfirmed: boolean) => void;
  #names: Names;
  /** The pass that the names come from, if it read all of them. */
  #reusable: CompletedPass['reusable'] = null;
  #refresh: Promise<void> | null = null;
  #refreshedAt = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param changed called with the names whenever they may have changed; `isConfirmed`: a pass has
   * just read the whole cell
   */
  constructor(probe: NamingProbe, changed: (names: Names, isConfirmed: boolean) => void) {
    this.#probe = probe;
    this.#changed = changed;
    this.#names = noNames(Date.parse(probe.now().wall));
  }

  names(): Names {
    return this.#names;
  }

  /** @param made null: no pass has read the cell, so what is not known may exist */
  passEnded(made: MadePass | null): void {
    if (made === null) {
      this.#names = { ...this.#names, wasRead: false };
      return;
    }
    const { report, reusable } = made.completed;
    // A pass that read the same as an earlier one confirms what is known.
    const isSame = reusable !== null && reusable === this.#reusable;
    if (!isSame || !isCurrent(this.#names, Date.parse(report.takenAt))) {
      const named = namesOfPass(made.observed, report, this.#reusable);
      const facts = this.#probe.namingFacts(unknownIn(this.#names, named));
      this.#names = namesAfter(this.#names, named, facts);
      this.#reusable = [...facts.values()].every(isComplete) ? reusable : null;
    }
    this.#changed(this.#names, this.#names.wasRead);
  }

  /** A change on the cell: Garden is asked at once, or some time after it was asked last. */
  containersChanged(): void {
    if (this.#timer !== null) return;
    const wait = this.#refreshedAt + CHANGES_MILLISECONDS - this.#now();
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        void this.refresh();
      },
      Math.max(0, wait),
    ).unref();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /**
   * Asks Garden for what it lists and is not known yet, at most once a second: whoever asks meanwhile
   * waits for the same answer. Decides nothing about containers.
   */
  refresh(): Promise<void> {
    this.#refresh ??= this.#asked().finally(() => {
      this.#refresh = null;
    });
    return this.#refresh;
  }

  async #asked(): Promise<void> {
    const wait = this.#refreshedAt + REFRESH_MILLISECONDS - this.#now();
    if (wait > 0) await sleep(wait, undefined, { ref: false });
    this.#refreshedAt = this.#now();
    const askedAt = Date.parse(this.#probe.now().wall);
    const known = new Set(
      this.#names.containers.flatMap(({ handle, ended }) => (ended === null ? [handle] : [])),
    );
    const listed = await this.#probe.newInGarden(known);
    if (listed === null || listed.size === 0) return;
    this.#names = namesWith(this.#names, listed, askedAt);
    this.#changed(this.#names, false);
  }

  #now(): number {
    return this.#probe.now().monotonicMilliseconds;
  }
}

const isComplete = ({ inodes }: NamingFacts): boolean => ![...inodes.values()].includes(null);
