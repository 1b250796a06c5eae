import * as v from 'valibot';
import {
  historyAnswer,
  hourlySummary,
  MAX_HISTORY_HOURS,
  type HistoryAnswer,
  type HourlySummary,
} from '../model/history.ts';
import { parseJson, placeOf } from './json.ts';
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
    const parsed = v.safeParse(hour, parseJson(line), { abortEarly: true });
    return parsed.success ? [parsed.output] : [];
  });
  return { hours: hours.slice(-MAX_HISTORY_HOURS), damaged: lines.length - hours.length };
}

export type ParsedHistoryAnswer =
  | { readonly ok: true; readonly answer: HistoryAnswer }
  | { readonly ok: false; readonly why: string };

/** The answer to `GET /v1/history`. */
export function parseHistoryAnswer(json: string): ParsedHistoryAnswer {
  const parsed = v.safeParse(answer, parseJson(json), { abortEarly: true });
  return parsed.success
    ? { ok: true, answer: parsed.output }
    : { ok: false, why: `invalid value at ${placeOf(parsed.issues)}` };
}
