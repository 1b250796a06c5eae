/** The scrape interval that the job sets in its prom_scraper_config.yml where the operator does not. */
export const SCRAPE_SECONDS = 15;
/** How far back a lost cell is looked for; Log Cache may hold less. */
export const EARLIER_SECONDS = 900;
/** For so long an instant query of Prometheus goes on giving the last value of a series that has ended. */
export const LOOK_BACK_SECONDS = 300;

// Nothing but source_id stands in a selector: Log Cache takes every other matcher for `=`, whatever it is.
const cells = (metric: string): string => `${metric}{source_id="rollcall"}`;
const FINDINGS = 'rollcall_untracked_since_timestamp_seconds{source_id="rollcall-findings"}';
const LAST_LOOK = cells('rollcall_last_reconcile_timestamp_seconds');
/** The time of a vector is that of the question; only this tells how old its values are. */
const earlier = (overTime: string): string =>
  `${overTime}_over_time(${LAST_LOOK}[${EARLIER_SECONDS / 60}m])`;
const age = (selector: string): string => `time() - timestamp(${selector})`;

/** What is asked, one query a metric. Functions of Prometheus 2.13 only: newer ones Log Cache does not have. */
export const QUERIES = {
  build: age(cells('rollcall_build_info')),
  containers: cells('rollcall_containers'),
  untracked: cells('rollcall_untracked'),
  listed: cells('rollcall_garden_listed'),
  gardenUp: cells('rollcall_garden_up'),
  couldNotTell: cells('rollcall_could_not_tell'),
  omitted: cells('rollcall_untracked_omitted'),
  lastLook: LAST_LOOK,
  lastLookAge: age(LAST_LOOK),
  findings: FINDINGS,
  findingsAge: age(FINDINGS),
  earlier: earlier('max'),
  /** Seconds between two samples: while a cell looks, its time of the last look goes on from scrape to scrape. */
  scrapeInterval: `(${earlier('max')} - ${earlier('min')}) / (${earlier('count')} - 1)`,
} as const;

export type QueryName = keyof typeof QUERIES;
export const QUERY_NAMES = Object.keys(QUERIES).filter(
  (name): name is QueryName => name in QUERIES,
);
