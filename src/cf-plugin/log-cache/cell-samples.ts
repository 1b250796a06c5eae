import type { Sample } from './read.ts';

/** A BOSH instance. Untrusted texts, empty where the tag is missing: escape them on output. */
export interface CellLocation {
  readonly deployment: string;
  readonly instanceGroup: string;
  readonly index: string;
  readonly ip: string;
}

export interface CellSamples {
  readonly location: CellLocation;
  readonly samples: readonly Sample[];
  /** Unix time in seconds of the newest sample. */
  readonly newest: number;
}

/** The time of the last pass. */
export const BEAT = 'rollcall_last_reconcile_timestamp_seconds';
export const BUILD = 'rollcall_build_info';
export const CONTAINERS = 'rollcall_containers';
export const COULD_NOT_TELL = 'rollcall_could_not_tell';
export const GARDEN_UP = 'rollcall_garden_up';
export const HEARTBEAT_METRICS = [BEAT, BUILD, CONTAINERS, COULD_NOT_TELL, GARDEN_UP] as const;
const STATUSES = ['tracked', 'pending', 'untracked'];

/** The interval of the scrapes in the job's own configuration, and the longest that it accepts. */
const SCRAPE_SECONDS = 15;
const MAX_SCRAPE_SECONDS = 120;
/**
 * A metric whose last envelope was lost is one scrape behind the others; further behind, the cell
 * no longer reports it.
 */
const CURRENT_FOR_SCRAPES = 2.5;

/** The Forwarder Agent adds these tags, prom_scraper `instance_id`. */
export const locationOf = ({ tags }: Sample): CellLocation => ({
  deployment: tags['deployment'] ?? '',
  instanceGroup: tags['job'] ?? '',
  index: tags['index'] ?? tags['instance_id'] ?? '',
  ip: tags['ip'] ?? '',
});

/** The key of a BOSH instance, on whichever VM it runs; without a name, of an address. */
export const instanceKey = ({ deployment, instanceGroup, index, ip }: CellLocation): string =>
  [deployment, instanceGroup, index === '' ? ip : index].join('\n');

/** Groups samples by instance; a recreated one is where it was heard from last. */
export function cellsOf(samples: readonly Sample[]): ReadonlyMap<string, CellSamples> {
  const cells = new Map<string, { location: CellLocation; samples: Sample[]; newest: number }>();
  for (const sample of samples) {
    const location = locationOf(sample);
    const key = instanceKey(location);
    const cell = cells.get(key) ?? { location, samples: [], newest: sample.at };
    cells.set(key, cell);
    cell.samples.push(sample);
    if (sample.at >= cell.newest) Object.assign(cell, { location, newest: sample.at });
  }
  return cells;
}

/** Whether each series of the heartbeat is there, whatever its age. */
export const isWhole = ({ samples }: CellSamples): boolean =>
  HEARTBEAT_METRICS.every((wanted) => samples.some(({ name }) => name === wanted)) &&
  STATUSES.every((status) => samples.some(({ tags }) => tags['status'] === status));

export const scrapesOf = ({ samples }: CellSamples): readonly number[] =>
  [...new Set(samples.filter(({ name }) => name === BEAT).map(({ at }) => at))].toSorted(
    (a, b) => b - a,
  );

/**
 * Seconds between the last scrapes of a cell. No metric says it, and an operator can set it.
 * @param since Unix time since which no scrape is left out
 */
export function scrapeInterval(cell: CellSamples, since: number): number {
  const [last = 0, before = 0] = scrapesOf(cell).filter((at) => at >= since);
  const gap = before === 0 ? SCRAPE_SECONDS : Math.round(last - before);
  return Math.min(MAX_SCRAPE_SECONDS, Math.max(SCRAPE_SECONDS, gap));
}

/** The samples of a metric from the last scrapes of a cell, the newest and highest first. */
export const current = (
  { samples, newest }: CellSamples,
  metric: string,
  interval: number,
): readonly Sample[] =>
  samples
    .filter(({ name, at }) => name === metric && at >= newest - CURRENT_FOR_SCRAPES * interval)
    .toSorted((a, b) => b.at - a.at || (b.value ?? 0) - (a.value ?? 0));
