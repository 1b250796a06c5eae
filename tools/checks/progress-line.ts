import path from 'node:path';
import type { Progress } from './step.ts';

/** A log that says nothing for longer looks as if the run hangs. */
const SILENT_MILLISECONDS = 30_000;

export interface Output {
  readonly isTty: boolean;
  readonly write: (text: string) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** How far one step is: on a terminal a line that is written anew, elsewhere a line for each folder and every half minute. */
export class ProgressLine {
  readonly #step: string;
  readonly #output: Output;
  readonly #startedAt: number;
  #progress: Progress | null = null;
  #folder = '';
  #writtenAt: number;

  constructor(step: string, output: Output) {
    this.#step = step;
    this.#output = output;
    this.#startedAt = output.now();
    this.#writtenAt = this.#startedAt;
    if (output.isTty) this.#rewrite(`     ${step} …`);
  }

  show(progress: Progress): void {
    this.#progress = progress;
    const folder = folderOf(progress.file);
    if (this.#output.isTty) this.#rewrite(this.#text());
    else if (folder !== this.#folder) this.#writeLine();
    this.#folder = folder;
  }

  /** Called about once a second. */
  tick(): void {
    if (this.#output.isTty) this.#rewrite(this.#text());
    else if (this.#output.now() - this.#writtenAt >= SILENT_MILLISECONDS) this.#writeLine();
  }

  /** Leaves the line to what comes next. */
  end(): void {
    if (this.#output.isTty) this.#output.write(CLEAR_LINE);
  }

  #writeLine(): void {
    this.#writtenAt = this.#output.now();
    this.#output.write(`${this.#text()}\n`);
  }

  #rewrite(text: string): void {
    this.#output.write(`${CLEAR_LINE}${text}`);
  }

  #text(): string {
    const seconds = Math.round((this.#output.now() - this.#startedAt) / 1000);
    if (this.#progress === null) return `     ${this.#step}: ${seconds} s`;
    const { done, total, tests, file } = this.#progress;
    return `     ${this.#step}: ${done}/${total} files, ${tests} tests, ${seconds} s: ${folderOf(file)}`;
  }
}

const CLEAR_LINE = '\r\u001b[K';

/** `test/cf-plugin` of `test/cf-plugin/gob/fuzz.test.ts`: what is below changes too often. */
const folderOf = (file: string): string => path.dirname(file).split(path.sep).slice(0, 2).join('/');
