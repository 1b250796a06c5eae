/** The waits between passes: one that a change ends early, and a rest after it that only something urgent ends. A change during a pass is not lost. */
export class Wakeup {
  #isChanged = false;
  #isClosed = false;
  #isUrgent = false;
  #endWait: (() => void) | null = null;
  #endPause: (() => void) | null = null;
  #endRest: (() => void) | null = null;

  /** Something changed: the wait for a change ends at once. */
  wake(): void {
    this.#isChanged = true;
    this.#endWait?.();
  }

  /** The same, and worth a pass whatever the last one cost: the rest ends too. */
  wakeAtOnce(): void {
    this.#isUrgent = true;
    this.wake();
    this.#endRest?.();
  }

  /** Ends every wait, now and later. */
  close(): void {
    this.#isClosed = true;
    this.#endWait?.();
    this.#endPause?.();
    this.#endRest?.();
  }

  /** Waits for a change, at most a time; not at all if something changed since the last wait. True after a change. */
  async forChange(milliseconds: number): Promise<boolean> {
    if (!this.#isChanged) {
      await this.#sleep(milliseconds, (end) => {
        this.#endWait = end;
      });
    }
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  /** Waits a time, whatever changes. */
  async pause(milliseconds: number): Promise<void> {
    await this.#sleep(milliseconds, (end) => {
      this.#endPause = end;
    });
  }

  /** Waits a time, unless something is urgent, or has become so since the last rest. */
  async rest(milliseconds: number): Promise<void> {
    if (!this.#isUrgent) {
      await this.#sleep(milliseconds, (end) => {
        this.#endRest = end;
      });
    }
    this.#isUrgent = false;
  }

  async #sleep(milliseconds: number, expose: (end: (() => void) | null) => void): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      expose(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    expose(null);
  }
}
