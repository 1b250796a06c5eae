/** An id that a client asked for. */
export interface AskedId {
  readonly id: string;
  /** Unix times in milliseconds. */
  readonly first: number;
  readonly last: number;
}

const MAX_IDS = 1000;

/** What clients asked for, the least recent first. */
export class AskedIds {
  readonly #asked = new Map<string, AskedId>();

  asked(id: string, now: number): void {
    const first = this.#asked.get(id)?.first ?? now;
    this.#asked.delete(id);
    this.#asked.set(id, { id, first, last: now });
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MAX_IDS && oldest !== undefined) this.#asked.delete(oldest);
  }

  all(): readonly AskedId[] {
    return [...this.#asked.values()];
  }
}
