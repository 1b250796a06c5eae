/** What comes in one by one, in its order, for somebody who waits for a part of it. */
export class Arrivals<T> {
  readonly #all: T[] = [];
  readonly #waiting = new Set<() => void>();

  get all(): readonly T[] {
    return this.#all;
  }

  add(...arrived: readonly T[]): void {
    this.#all.push(...arrived);
    for (const look of this.#waiting) look();
  }

  /** Resolves with the last of the first `count` that pass, if they are there or when they come. */
  until(passes: (one: T) => boolean, count = 1): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.#all.filter(passes)[count - 1];
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
