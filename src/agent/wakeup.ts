/** A wait that a change ends early. One waiter; a change during a look is not lost. */
export class Wakeup {
  #isChanged = false;
  #end: (() => void) | null = null;

  /** Something changed: the next wait ends at once. */
  wake(): void {
    this.#isChanged = true;
    this.#end?.();
  }

  /** Resolves after a time, or when woken; at once if woken since the last wait. */
  async wait(milliseconds: number): Promise<'time' | 'change'> {
    if (!this.#isChanged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#end = null;
    }
    const outcome = this.#isChanged ? 'change' : 'time';
    this.#isChanged = false;
    return outcome;
  }
}
