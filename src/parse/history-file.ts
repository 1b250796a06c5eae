import * as v from 'valibot';
import { MAX_HISTORY_HOURS, type HistoryAnswer, type HourlySummary } from '../model/history.ts';
import { parseJson, placeOf, time } from './json.ts';

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hour = v.object({
  from: time,
  to: time,
  bootId: v.pipe(v.string(), v.maxLength(64)),
  passes: whole,
  compared: whole,
  failed: whole,
  longestGapSeconds: v.pipe(v.number(), v.finite(), v.minValue(0)),
  containers: whole,
  findings: whole,
  acknowledged: whole,
});
const answer = v.object({
  schemaVersion: v.literal(1),
  now: time,
  bootedAt: time,
  hours: v.pipe(v.array(hour), v.maxLength(MAX_HISTORY_HOURS)),
  running: hour,
});

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
