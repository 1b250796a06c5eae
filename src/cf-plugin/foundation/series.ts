import type { Sample, SeriesLabels } from '../log-cache/answer.ts';
import type { Readings } from '../log-cache/ask.ts';
import {
  LOOK_BACK_SECONDS,
  QUERY_NAMES,
  SCRAPE_SECONDS,
  type QueryName,
} from '../log-cache/queries.ts';
import type { CellLocation } from './status.ts';

/** All samples of one VM that is or was a cell. */
export interface CellSeries {
  readonly location: CellLocation;
  readonly samples: Readonly<Partial<Record<QueryName, readonly Sample[]>>>;
}

const locationOf = (labels: SeriesLabels): CellLocation => ({
  deployment: labels.deployment ?? '',
  instanceGroup: labels.job ?? '',
  index: labels.index ?? labels.instance_id ?? '',
  ip: labels.ip ?? '',
});

/** The key of a BOSH instance, on whichever VM it runs; without a name, of an address. */
const instanceKey = ({ deployment, instanceGroup, index, ip }: CellLocation): string =>
  JSON.stringify([deployment, instanceGroup, index, index === '' ? ip : '']);

/**
 * Groups all samples by VM. A cell counts as soon as one query has it: an overloaded Log Cache was
 * seen to leave single cells out of single answers.
 */
export function seriesByVm({ samples }: Readings): readonly CellSeries[] {
  const cells = new Map<
    string,
    { location: CellLocation; samples: Partial<Record<QueryName, Sample[]>> }
  >();
  for (const query of QUERY_NAMES) {
    for (const sample of samples[query]) {
      const location = locationOf(sample.labels);
      const key = JSON.stringify([instanceKey(location), location.ip]);
      const cell = cells.get(key) ?? { location, samples: {} };
      cells.set(key, cell);
      (cell.samples[query] ??= []).push(sample);
    }
  }
  return [...cells.values()];
}

/**
 * Without the VMs that an instance ran on before it was recreated, whose series stay for a while.
 * Two VMs that both sent the last scrape both run, as where the old one was never deleted, and
 * count both.
 */
export function currentVms(
  vms: readonly CellSeries[],
  scrapeInterval: (location: CellLocation) => number,
): readonly CellSeries[] {
  const newest = new Map<string, number>();
  for (const vm of vms) {
    const key = instanceKey(vm.location);
    newest.set(key, Math.max(newest.get(key) ?? 0, sampledAt(vm)));
  }
  return vms.filter((vm) => {
    const behind = (newest.get(instanceKey(vm.location)) ?? 0) - sampledAt(vm);
    return behind <= 1.5 * scrapeInterval(vm.location);
  });
}

/** Two VMs of the same instance count once. */
export const countInstances = (locations: readonly CellLocation[]): number =>
  new Set(locations.map(instanceKey)).size;

/** Unix time of a cell's newest sample in Log Cache. */
export const sampledAt = ({ samples }: CellSeries): number =>
  QUERY_NAMES.reduce(
    (newest, name) => (samples[name] ?? []).reduce((time, { at }) => Math.max(time, at), newest),
    0,
  );

/** Whether the cell still reports; where not, it is gone. */
export const reports = (cell: CellSeries, now: number): boolean =>
  now - sampledAt(cell) <= LOOK_BACK_SECONDS;

/**
 * How often prom_scraper scrapes each cell, in seconds. An operator can set it and no metric says
 * it, so it is measured: the median of an instance group, because its cells share one configuration
 * and a cell that was away has gaps. Never below the interval that the job sets itself.
 */
export function scrapeIntervals(cells: readonly CellSeries[]): (location: CellLocation) => number {
  const measured = new Map<string, number[]>();
  for (const { location, samples } of cells) {
    const ofGroup = measured.get(groupKey(location)) ?? [];
    measured.set(groupKey(location), ofGroup);
    for (const { every } of samples.lastLook ?? []) if (every !== null) ofGroup.push(every);
  }
  const medians = new Map([...measured].map(([key, values]) => [key, median(values)]));
  // A cell with a longer interval could not be distinguished from a lost one.
  return (location) =>
    Math.min(LOOK_BACK_SECONDS, Math.max(SCRAPE_SECONDS, medians.get(groupKey(location)) ?? 0));
}

const groupKey = ({ deployment, instanceGroup }: CellLocation): string =>
  JSON.stringify([deployment, instanceGroup]);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

/**
 * A scrape has all metrics of a cell. A metric whose last envelope Log Cache lost is one scrape
 * behind the others, and one more where a scrape arrived between two queries; further behind, the
 * cell no longer reports it.
 */
const CURRENT_FOR_SCRAPES = 2.5;

/** The metrics behind the verdict. Findings have their own rule, and an old build stays true. */
const JUDGED_BY = [
  'containers',
  'untracked',
  'listed',
  'gardenUp',
  'couldNotTell',
  'omitted',
  'lastLook',
] as const satisfies readonly QueryName[];

/**
 * A cell without its outdated samples, which look like current ones: the time of the last pass does
 * not show the age of other metrics. A sample is outdated relative to the newest one of the same
 * cell, so that a silent cell keeps its last numbers.
 */
export function currentSamples(cell: CellSeries, scrapeIntervalSeconds: number): CellSeries {
  const since = sampledAt(cell) - CURRENT_FOR_SCRAPES * scrapeIntervalSeconds;
  const samples = { ...cell.samples };
  for (const name of JUDGED_BY)
    samples[name] = samples[name]?.filter(({ at }) => at >= since) ?? [];
  return { location: cell.location, samples };
}
