/** The scrape interval that the job sets in its prom_scraper_config.yml where the operator does not. */
export const SCRAPE_SECONDS = 15;
/** How far back a lost cell is looked for; Log Cache may hold less. */
export const EARLIER_SECONDS = 900;
/** After so long without a sample a cell is gone: for so long an instant query would go on giving its last ones. */
export const LOOK_BACK_SECONDS = 300;

/**
 * How far back most metrics are asked for at first: four scrapes of the usual interval. Not further, because Log Cache reads all
 * envelopes of the source in the time that a query spans.
 */
export const FIRST_SPAN_SECONDS = 60;

const CELLS = 'rollcall';
const FINDINGS = 'rollcall-findings';

/** What is asked about, a metric each, and the source id under which it is there. */
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

/** The time of Log Cache. There is no such metric: a query must name a source, and one that is not there costs nothing. */
export const CLOCK = 'scalar(rollcall_clock{source_id="rollcall-clock"})';

/** How far back the first query for a metric reaches: to lost cells, to findings as long as a cell reports, else a minute. */
export function firstSpanOf(name: QueryName): number {
  if (name === 'lastLook') return EARLIER_SECONDS;
  return name === 'findings' ? LOOK_BACK_SECONDS : FIRST_SPAN_SECONDS;
}

/**
 * The samples of the last so many seconds, with their times. A range, because Log Cache reads all envelopes of the source
 * in the time that a query spans, one hundred at a time, and an instant query always spans five minutes: with 250 cells that
 * is 90,000 envelopes for each of them, and two seconds. Nothing but source_id stands in a selector: Log Cache takes every
 * other matcher for `=`, whatever it is.
 */
export function samplesOf(name: QueryName, seconds: number): string {
  const [metric, source] = METRICS[name];
  return `${metric}{source_id="${source}"}[${seconds}s]`;
}
