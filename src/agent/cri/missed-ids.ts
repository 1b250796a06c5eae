/** Garden is not asked again for an id that it did not know, in milliseconds. */
const UNKNOWN_FOR = 10_000;
const MAX_IDS = 1000;

/** Ids that were asked for before their containers were known, the oldest first. */
export class MissedIds {
  /** By id, when Garden last did not know it; a monotonic time in milliseconds. Null: it is being asked. */
  readonly #missed = new Map<string, number | null>();

  /** @returns whether Garden must be asked */
  missed(id: string, now: number): boolean {
    const unknownAt = this.#missed.get(id);
    if (unknownAt === null || (unknownAt !== undefined && now - unknownAt < UNKNOWN_FOR))
      return false;
    this.#missed.delete(id);
    this.#missed.set(id, null);
    const [oldest] = this.#missed.keys();
    if (this.#missed.size > MAX_IDS && oldest !== undefined) this.#missed.delete(oldest);
    return true;
  }

  /** Garden was asked. It may still be known later, by the kernel or by Garden. */
  wasUnknown(id: string, now: number): void {
    if (this.#missed.has(id)) this.#missed.set(id, now);
  }

  found(id: string): void {
    this.#missed.delete(id);
  }

  all(): readonly string[] {
    return [...this.#missed.keys()];
  }
}
