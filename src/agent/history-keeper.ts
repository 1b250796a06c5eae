import path from 'node:path';
import { HISTORY_FILE, MAX_HISTORY_HOURS, type HourlySummary } from '../model/history.ts';
import { historyLine, parseHistory } from '../parse/history-file.ts';
import { appendHistory, readHistoryFile, ReplacedFile } from '../probe/own-files.ts';

export interface HistoryError {
  readonly message: 'rollcall.history.damaged' | 'rollcall.history.not-written';
  readonly sentence: string;
}

/** The last 31 days of an agent, one line per hour: read once, then appended to. */
export class HistoryKeeper {
  readonly #file: ReplacedFile;
  #hours: readonly HourlySummary[] = [];
  /** Whether the file holds these hours and nothing else, so that a line can be appended. */
  #isClean = true;

  /** @param memoryPath the history file lies beside it */
  constructor(memoryPath: string) {
    this.#file = new ReplacedFile(path.join(path.dirname(memoryPath), HISTORY_FILE));
  }

  /** Oldest first. */
  get hours(): readonly HourlySummary[] {
    return this.#hours;
  }

  /** Skips a line that cannot be read; it is gone once the file is rewritten. */
  load(): HistoryError | null {
    const stored = readHistoryFile(this.#file.path);
    if (stored.kind === 'none') return null;
    if (stored.kind === 'failed') {
      const aside = this.#file.setAside();
      this.#isClean = aside !== null;
      const done = aside === null ? 'it could not be set aside' : `it was set aside as ${aside}`;
      return damaged(
        `The history file ${this.#file.path} cannot be used (${stored.why}); ${done}.`,
      );
    }
    const { hours, damaged: lost } = parseHistory(stored.text);
    this.#hours = hours;
    this.#isClean = lost === 0 && (stored.text === '' || stored.text.endsWith('\n'));
    if (lost === 0) return null;
    const lines = lost === 1 ? 'One line' : `${lost} lines`;
    return damaged(
      `${lines} of the history file ${this.#file.path} cannot be read and are skipped.`,
    );
  }

  /** Keeps the hour for the answers even if the file cannot be written. */
  add(summary: HourlySummary): HistoryError | null {
    this.#hours = [...this.#hours, summary].slice(-MAX_HISTORY_HOURS);
    const canAppend = this.#isClean && this.#hours.length < MAX_HISTORY_HOURS;
    const isAppended = canAppend && appendHistory(this.#file.path, historyLine(summary)) === null;
    const errno = isAppended ? null : this.#file.replace(this.#hours.map(historyLine).join(''));
    this.#isClean = errno === null;
    if (errno === null) return null;
    const sentence = `The history file ${this.#file.path} cannot be written (${errno}): a restart would lose what is not in the log.`;
    return { message: 'rollcall.history.not-written', sentence };
  }
}

const damaged = (sentence: string): HistoryError => ({
  message: 'rollcall.history.damaged',
  sentence,
});
