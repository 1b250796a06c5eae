import type { ByteString } from '../model/ids.ts';
import type { MustRead } from '../model/snapshot.ts';

/** A thing is read again at the latest in the fourth pass after it was read. */
const PASSES = 4;
/** Or in the first pass after this time, so at the latest after a minute with the default interval. */
const MILLISECONDS = 45_000;

/** The pass that makes the reads of a probe. */
export class PassUnderWay {
  number = 0;
  /** Milliseconds of this process's clock at its start. */
  startedAt = 0;
  mustRead: MustRead = 'everything';
  /** Names of containers, each one path component. */
  known: ReadonlySet<ByteString> = new Set();

  starts(mustRead: MustRead, known: ReadonlySet<ByteString>): void {
    this.number += 1;
    this.startedAt = performance.now();
    this.mustRead = mustRead;
    this.known = known;
  }
}

interface Known {
  /** The remainder of the numbers of the passes that read it. */
  readonly turn: number;
  readonly readAt: number;
  /** The last pass that read something else than the one before. */
  readonly changedIn: number;
}

/**
 * Which of many things a pass reads again. They take turns, so that each pass reads a quarter of
 * them. What is new or has changed is read in each of the next passes.
 */
export class Rereads<Key> {
  readonly #known = new Map<Key, Known>();
  readonly #pass: PassUnderWay;
  #turn = 0;

  constructor(pass: PassUnderWay) {
    this.#pass = pass;
  }

  isDue(key: Key): boolean {
    if (this.#pass.mustRead === 'everything') return true;
    const known = this.#known.get(key);
    if (known === undefined) return true;
    const { number, startedAt } = this.#pass;
    return (
      known.turn === number % PASSES ||
      number - known.changedIn < PASSES ||
      startedAt - known.readAt >= MILLISECONDS
    );
  }

  wasRead(key: Key, isChanged: boolean): void {
    const { number, startedAt } = this.#pass;
    const before = this.#known.get(key);
    const turn = before?.turn ?? this.#turn++ % PASSES;
    const changedIn = before === undefined || isChanged ? number : before.changedIn;
    this.#known.set(key, { turn, readAt: startedAt, changedIn });
  }

  keepOnly(keys: { readonly has: (key: Key) => boolean }): void {
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
  }
}
