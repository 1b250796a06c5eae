import type { CriMethodName, CriResult, NamesRequests } from '../../model/agent-state.ts';

/** Beyond this many requests a second, answers wait. */
const MAX_PER_SECOND = 300;
/** A request that would wait longer is refused: Falco gives up after 5 seconds. */
const MAX_WAIT_MILLISECONDS = 3000;

const APART_MILLISECONDS = 1000 / MAX_PER_SECOND;
/** As many as come at once without waiting. */
const BURST = MAX_PER_SECOND;

/** When each request may be answered. */
export class RequestRate {
  /** When the last request that was let in is due; in milliseconds of `now`. */
  #due = Number.NEGATIVE_INFINITY;

  /**
   * @param now a monotonic time
   * @returns how long a request must wait; null: it is refused
   */
  waitFor(now: number): number | null {
    const due = Math.max(this.#due + APART_MILLISECONDS, now - BURST * APART_MILLISECONDS);
    const wait = Math.max(0, due - now);
    if (wait > MAX_WAIT_MILLISECONDS) return null;
    this.#due = due;
    return wait;
  }
}

/** What was asked for and answered, since the agent started. */
export class RequestCounts {
  readonly #counts = new Map<string, NamesRequests>();

  add(method: CriMethodName, result: CriResult): void {
    const key = `${method} ${result}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { method, result, count });
  }

  all(): readonly NamesRequests[] {
    return [...this.#counts.values()];
  }
}
