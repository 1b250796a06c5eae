import { MAX_ASKED_IDS, type AskedId } from '../../model/names-socket.ts';
import { oneLine } from '../../model/text.ts';
import { MAX_ASKED_BYTES } from '../../names/cri.ts';

type Answer = AskedId['answer'];

/** What clients asked for, the least recent first. */
export class AskedIds {
  readonly #asked = new Map<
    string,
    { readonly first: number; readonly last: number; readonly answer: Answer }
  >();

  /** @param now Unix time in milliseconds */
  asked(id: string, answer: Answer, now: number): void {
    const first = this.#asked.get(id)?.first ?? now;
    this.#asked.delete(id);
    this.#asked.set(id, { first, last: now, answer });
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MAX_ASKED_IDS && oldest !== undefined) this.#asked.delete(oldest);
  }

  all(): readonly AskedId[] {
    return [...this.#asked].map(([id, { first, last, answer }]) => ({
      id: oneLine(id, MAX_ASKED_BYTES),
      first: new Date(first).toISOString(),
      last: new Date(last).toISOString(),
      answer,
    }));
  }
}
