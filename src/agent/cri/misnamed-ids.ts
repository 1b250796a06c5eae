/** Each id is a line of the log once an hour, and so many ids are. */
const MAX_LINES = 20;
/** Of the ids that are counted apart. */
const MAX_IDS = 1000;

/** Ids under which a sensor takes processes of several containers for those of one. */
export class MisnamedIds {
  readonly #seen = new Set<string>();

  /** @returns whether the log gets a line about it */
  misnamed(id: string): boolean {
    if (this.#seen.has(id) || this.#seen.size >= MAX_IDS) return false;
    this.#seen.add(id);
    return this.#seen.size <= MAX_LINES;
  }

  /**
   * Begins another hour.
   * @returns how many ids got no line
   */
  hourEnded(): number {
    const omitted = Math.max(0, this.#seen.size - MAX_LINES);
    this.#seen.clear();
    return omitted;
  }
}
