/** How many bytes of all answers together may wait to be read by their clients. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A call of a client, which says once that it has ended, however it did. */
export interface Call {
  once(event: 'cancelled', ended: () => void): unknown;
}

/** The answers that clients have not read: without a limit, as many would be kept as they ask for. */
export class UnreadBytes {
  readonly #byCall = new Map<Call, number>();
  #total = 0;

  /**
   * Counts an answer until its call ends. The only one is never too large: a client may read it.
   * @returns whether it may be sent
   */
  holds(call: Call, bytes: number): boolean {
    if (this.#total > 0 && this.#total + bytes > MAX_BYTES) return false;
    if (!this.#byCall.has(call)) call.once('cancelled', () => this.#ended(call));
    this.#byCall.set(call, (this.#byCall.get(call) ?? 0) + bytes);
    this.#total += bytes;
    return true;
  }

  /** A part of a call's answers was read. */
  read(call: Call, bytes: number): void {
    const before = this.#byCall.get(call);
    if (before === undefined) return;
    this.#byCall.set(call, before - bytes);
    this.#total -= bytes;
  }

  #ended(call: Call): void {
    this.#total -= this.#byCall.get(call) ?? 0;
    this.#byCall.delete(call);
  }
}
