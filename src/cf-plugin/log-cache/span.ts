import type { Sample } from './answer.ts';
import { FIRST_SPAN_SECONDS, LOOK_BACK_SECONDS, SCRAPE_SECONDS } from './queries.ts';

/** A scrape takes a moment to be sent, and its samples have whole seconds. */
const SCRAPE_TAKES_SECONDS = 5;
/** Log Cache's proxy writes 75s as 1m15s into the query, and Log Cache itself refuses that: above a minute only whole ones work. */
const MINUTE = 60;

/** So many seconds back from a Unix time. */
export interface Span {
  readonly until: number;
  readonly seconds: number;
}

/**
 * Where the last two scrapes are of each cell that reports, but has not two of them in the first span; null: all have. Judged
 * by one metric that every scrape brings. Two, because Log Cache loses an envelope here and there: it reads a hundred at
 * a time, and leaves out what has the same microsecond as the last of them.
 */
export function spanOfLateScrapes(samples: readonly Sample[], now: number): Span | null {
  const late = samples.filter(({ at, every }) => {
    const age = now - at;
    return (
      age <= LOOK_BACK_SECONDS &&
      age + (every ?? SCRAPE_SECONDS) + SCRAPE_TAKES_SECONDS > FIRST_SPAN_SECONDS
    );
  });
  if (late.length === 0) return null;
  let since = Infinity;
  let newest = -Infinity;
  // Not Math.min of all: a call takes some ten thousand arguments at most.
  for (const { at, every } of late) {
    since = Math.min(since, at - (every ?? SCRAPE_SECONDS));
    newest = Math.max(newest, at);
  }
  const until = Math.min(now, newest + SCRAPE_TAKES_SECONDS);
  return { until, seconds: askable(until - since + SCRAPE_TAKES_SECONDS) };
}

const askable = (seconds: number): number =>
  Math.min(
    LOOK_BACK_SECONDS,
    seconds < MINUTE ? Math.ceil(seconds) : Math.ceil(seconds / MINUTE) * MINUTE,
  );
