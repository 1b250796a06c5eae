import { Session, type Profiler } from 'node:inspector';

/** Characters; the longest file has a quarter of them. */
const MAX_SCRIPT = 65_536;

/** What V8 counts of the files of `src`: whether a text reached code that none before it did. */
export class Coverage {
  readonly #session = new Session();
  /** By script: for each of its characters, whether it ran. */
  readonly #reached = new Map<string, Uint8Array>();
  readonly #source: string;

  /** @param source the address of a folder, `file:///…/src/` */
  constructor(source: string) {
    this.#source = source;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    this.isMore(true);
  }

  /** Whether anything ran since the last call that was not known to run; `learns` makes it known. */
  isMore(learns: boolean): boolean {
    let isMore = false;
    this.#session.post('Profiler.takePreciseCoverage', (_error, taken) => {
      for (const script of taken?.result ?? [])
        if (script.url.startsWith(this.#source) && this.#add(script, learns)) isMore = true;
    });
    return isMore;
  }

  /** Ranges come from outer to inner ones. */
  #add({ url, functions }: Profiler.ScriptCoverage, learns: boolean): boolean {
    const ranges = functions.flatMap((one) => one.ranges);
    if (!ranges.some(({ count }) => count > 0)) return false;
    const ran = new Uint8Array(MAX_SCRIPT);
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    const reached = this.#reached.get(url) ?? new Uint8Array(MAX_SCRIPT);
    this.#reached.set(url, reached);
    const end = Math.max(...ranges.map(({ endOffset }) => endOffset));
    let isMore = false;
    for (let at = 0; at < end; at++) {
      if (ran[at] === 0 || reached[at] === 1) continue;
      if (learns) reached[at] = 1;
      isMore = true;
    }
    return isMore;
  }

  close(): void {
    this.#session.disconnect();
  }
}
