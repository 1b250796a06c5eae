import * as v from 'valibot';
import {
  historyAnswer,
  hourlySummary,
  MAX_HISTORY_HOURS,
  type HistoryAnswer,
  type HourlySummary,
} from '../model/history.ts';
import { parsedBy, parseJson, type Parsed } from './json.ts';
import { schemaOf } from './shape.ts';

const MAX_BOOT_ID = 64;
const hour = v.pipe(
  schemaOf(hourlySummary),
  v.check(({ bootId }) => bootId.length <= MAX_BOOT_ID),
);
const answer = v.pipe(
  schemaOf(historyAnswer),
  v.check(({ hours }) => hours.length <= MAX_HISTORY_HOURS),
);

/** No more lines are read, from the end: twice what an agent writes. */
const MAX_LINES = 2 * MAX_HISTORY_HOURS;

/** A line of the history file. A later version may have more keys in it. */
export const historyLine = (summary: HourlySummary): string => `${JSON.stringify(summary)}\n`;

export interface ParsedHistory {
  /** Oldest first, the last 31 days. */
  readonly hours: readonly HourlySummary[];
  /** Lines that cannot be read: cut by a power failure, or written by somebody else. */
  readonly damaged: number;
}

export function parseHistory(text: string): ParsedHistory {
  const written = text.split('\n').filter((line) => line !== '');
  const lines = written.slice(-MAX_LINES);
  const hours = lines.flatMap((line) => {
    const parsed = parsedBy(hour, parseJson(line));
    return parsed.ok ? [parsed.value] : [];
  });
  return { hours: hours.slice(-MAX_HISTORY_HOURS), damaged: lines.length - hours.length };
}

/** The answer to `GET /v1/history`. */
export const parseHistoryAnswer = (json: string): Parsed<HistoryAnswer> =>
  parsedBy(answer, parseJson(json));
