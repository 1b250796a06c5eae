import type { Sample } from './answer.ts';

/** The scrape interval in the job's prom_scraper_config.yml; an operator can set another. */
export const SCRAPE_SECONDS = 15;
/** How far back a lost cell is searched for; Log Cache may hold less. */
export const EARLIER_SECONDS = 900;
/** A cell without a sample for so long is gone; an instant query spans as much. */
export const LOOK_BACK_SECONDS = 300;

/**
 * How far back the first query for most metrics reaches: four scrapes of the usual interval. Not
 * further, because Log Cache reads all envelopes of the source in the time that a query spans.
 */
const FIRST_SPAN_SECONDS = 60;

const CELLS = 'rollcall';
const FINDINGS = 'rollcall-findings';

/** The metric of each query, and its source id. A note that a query failed names it by its key. */
export const METRICS = {
  build: ['rollcall_build_info', CELLS],
  containers: ['rollcall_containers', CELLS],
  untracked: ['rollcall_untracked', CELLS],
  listed: ['rollcall_garden_listed', CELLS],
  gardenUp: ['rollcall_garden_up', CELLS],
  couldNotTell: ['rollcall_could_not_tell', CELLS],
  omitted: ['rollcall_untracked_omitted', CELLS],
  lastLook: ['rollcall_last_reconcile_timestamp_seconds', CELLS],
  findings: ['rollcall_untracked_since_timestamp_seconds', FINDINGS],
} as const;

export type QueryName = keyof typeof METRICS;
export const QUERY_NAMES = Object.keys(METRICS).filter(
  (name): name is QueryName => name in METRICS,
);

/** Log Cache's time. A query must name a source; an absent one like this costs nothing. */
export const CLOCK = 'scalar(rollcall_clock{source_id="rollcall-clock"})';

/** How far back the first query for a metric reaches; lost cells and findings need more. */
export function firstSpanOf(name: QueryName): number {
  if (name === 'lastLook') return EARLIER_SECONDS;
  return name === 'findings' ? LOOK_BACK_SECONDS : FIRST_SPAN_SECONDS;
}

/**
 * The query for the samples of the last so many seconds, with their times. It is a range, because
 * Log Cache reads all envelopes of the source in the time that a query spans, one hundred at a
 * time, and an instant query always spans five minutes: 250 cells have 90,000 envelopes in that,
 * which take two seconds a query. The selector has only source_id, because Log Cache reads every
 * other matcher as `=`, whatever its operator.
 */
export function samplesOf(name: QueryName, seconds: number): string {
  const [metric, source] = METRICS[name];
  return `${metric}{source_id="${source}"}[${seconds}s]`;
}

/** So many seconds back from a Unix time. */
export interface Span {
  readonly until: number;
  readonly seconds: number;
}

/** A scrape takes a moment to arrive, and its samples have whole seconds. */
const SCRAPE_TAKES_SECONDS = 5;
const MINUTE = 60;

/**
 * The span of the last two scrapes of each cell that reports, but does not have both in the first
 * span; null where all have. `samples`: of one metric that every scrape brings. Two scrapes,
 * because Log Cache sometimes loses an envelope: it reads a hundred at a time, and leaves out those
 * with the same microsecond as the last of them.
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
  // Not Math.min(...late): a call takes some ten thousand arguments at most.
  for (const { at, every } of late) {
    since = Math.min(since, at - (every ?? SCRAPE_SECONDS));
    newest = Math.max(newest, at);
  }
  const until = Math.min(now, newest + SCRAPE_TAKES_SECONDS);
  return { until, seconds: acceptedSpan(until - since + SCRAPE_TAKES_SECONDS) };
}

/** Log Cache refuses 1m15s, into which its proxy rewrites 75s: whole minutes only. */
const acceptedSpan = (seconds: number): number =>
  Math.min(
    LOOK_BACK_SECONDS,
    seconds < MINUTE ? Math.ceil(seconds) : Math.ceil(seconds / MINUTE) * MINUTE,
  );
