import { STATUSES } from '../../model/finding.ts';
import type { Sample } from './read.ts';

/** A BOSH instance. The texts are untrusted, empty if the tag is missing: escape them. */
export interface CellLocation {
  readonly deployment: string;
  readonly instanceGroup: string;
  readonly index: string;
  readonly ip: string;
}

export interface CellSamples {
  readonly location: CellLocation;
  /** The samples whose time is not ahead of the API's clock; if there are none, all of them. */
  readonly samples: readonly Sample[];
  /** The Unix time in seconds of the newest of these samples. */
  readonly newest: number;
  /** By how many seconds any sample is ahead of the clock of the API; 0: none is. */
  readonly aheadSeconds: number;
}

/** The time of the last pass. */
export const BEAT = 'rollcall_last_reconcile_timestamp_seconds';
export const BUILD = 'rollcall_build_info';
export const CONTAINERS = 'rollcall_containers';
export const COULD_NOT_TELL = 'rollcall_could_not_tell';
export const GARDEN_UP = 'rollcall_garden_up';
export const HEARTBEAT_METRICS = [BEAT, BUILD, CONTAINERS, COULD_NOT_TELL, GARDEN_UP] as const;

/** The scrape interval in the job's own configuration, and the longest that the code accepts. */
export const SCRAPE_SECONDS = 15;
const MAX_SCRAPE_SECONDS = 120;
/**
 * If the last envelope of a metric was lost, the metric is one scrape behind the others. If it is
 * further behind, the cell no longer reports it.
 */
const CURRENT_FOR_SCRAPES = 2.5;

/** The Forwarder Agent adds these tags; prom_scraper adds `instance_id`. */
export const locationOf = ({ tags }: Sample): CellLocation => ({
  deployment: tags['deployment'] ?? '',
  instanceGroup: tags['job'] ?? '',
  index: tags['index'] ?? tags['instance_id'] ?? '',
  ip: tags['ip'] ?? '',
});

/** The key of a BOSH instance on any VM; for an instance without a name, the key of its address. */
export const instanceKey = ({ deployment, instanceGroup, index, ip }: CellLocation): string =>
  [deployment, instanceGroup, index === '' ? ip : index].join('\n');

/**
 * Groups samples by instance; a recreated instance is located where it reported last. Whoever may
 * write to the Loggregator chooses the times of samples: one that is ahead of the clock of the API
 * never replaces one that is not.
 * @param now Unix time in seconds by the clock of the API
 */
export function cellsOf(samples: readonly Sample[], now: number): ReadonlyMap<string, CellSamples> {
  const byKey = Map.groupBy(samples, (sample) => instanceKey(locationOf(sample)));
  const cells = [...byKey].map(([key, own]): [string, CellSamples] => {
    const past = own.filter(({ at }) => at <= now);
    const counted = past.length > 0 ? past : own;
    const newest = counted.reduce((last, one) => (one.at >= last.at ? one : last));
    const aheadSeconds = own.reduce((most, { at }) => Math.max(most, at - now), 0);
    const location = locationOf(newest);
    return [key, { location, samples: counted, newest: newest.at, aheadSeconds }];
  });
  return new Map(cells);
}

/** Whether every series of the heartbeat is present, whatever its age. */
export const isWhole = ({ samples }: CellSamples): boolean =>
  HEARTBEAT_METRICS.every((wanted) => samples.some(({ name }) => name === wanted)) &&
  STATUSES.every((status) => samples.some(({ tags }) => tags['status'] === status));

export const scrapesOf = ({ samples }: CellSamples): readonly number[] =>
  [...new Set(samples.filter(({ name }) => name === BEAT).map(({ at }) => at))].toSorted(
    (a, b) => b - a,
  );

/**
 * The seconds between the last scrapes of a cell. No metric contains this, and an operator can
 * change it.
 * @param since Unix time since which every scrape was read
 */
export function scrapeInterval(cell: CellSamples, since: number): number {
  const [last = 0, before = 0] = scrapesOf(cell).filter((at) => at >= since);
  const gap = before === 0 ? SCRAPE_SECONDS : Math.round(last - before);
  return Math.min(MAX_SCRAPE_SECONDS, Math.max(SCRAPE_SECONDS, gap));
}

/** The samples of a metric in a cell's last scrapes, the newest and highest first. */
export const current = (
  { samples, newest }: CellSamples,
  metric: string,
  interval: number,
): readonly Sample[] =>
  samples
    .filter(({ name, at }) => name === metric && at >= newest - CURRENT_FOR_SCRAPES * interval)
    .toSorted((a, b) => b.at - a.at || (b.value ?? 0) - (a.value ?? 0));
