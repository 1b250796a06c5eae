import type { SeriesLabels, Sample } from '../log-cache/answer.ts';
import type { Readings } from '../log-cache/ask.ts';
import { LOOK_BACK_SECONDS, QUERY_NAMES, type QueryName } from '../log-cache/queries.ts';
import type { CellLocation } from './status.ts';

/** What all queries said of one VM that has been a cell. */
export interface CellSeries {
  readonly place: CellLocation;
  readonly samples: Readonly<Partial<Record<QueryName, readonly Sample[]>>>;
}

const placeOf = (labels: SeriesLabels): CellLocation => ({
  deployment: labels.deployment ?? '',
  instanceGroup: labels.job ?? '',
  index: labels.index ?? labels.instance_id ?? '',
  ip: labels.ip ?? '',
});

/** The same for a BOSH instance, on whichever VM it runs. Where nothing names the instance, each address is one. */
const instanceKey = ({ deployment, instanceGroup, index, ip }: CellLocation): string =>
  JSON.stringify([deployment, instanceGroup, index, index === '' ? ip : '']);

/**
 * Puts together what the queries said of each VM. One query alone proves no absence: a loaded Log Cache was seen to
 * leave single cells out of single answers, so a cell is there as soon as one query has it.
 */
export function seriesByVm({ samples }: Readings): readonly CellSeries[] {
  const cells = new Map<
    string,
    { place: CellLocation; samples: Partial<Record<QueryName, Sample[]>> }
  >();
  for (const query of QUERY_NAMES) {
    for (const sample of samples[query]) {
      const place = placeOf(sample.labels);
      const key = JSON.stringify([instanceKey(place), place.ip]);
      const cell = cells.get(key) ?? { place, samples: {} };
      cells.set(key, cell);
      (cell.samples[query] ??= []).push(sample);
    }
  }
  return [...cells.values()];
}

/**
 * A VM that was recreated leaves the series of the old one behind for a while; an instance is where it was seen last. Two of
 * which the last scrapes came both run, as where the old one was never deleted: what is on either is there.
 */
export function currentVms(
  vms: readonly CellSeries[],
  scrapeInterval: (place: CellLocation) => number,
): readonly CellSeries[] {
  const newest = new Map<string, number>();
  for (const vm of vms) {
    const key = instanceKey(vm.place);
    newest.set(key, Math.max(newest.get(key) ?? 0, sampledAt(vm)));
  }
  return vms.filter((vm) => {
    const behind = (newest.get(instanceKey(vm.place)) ?? 0) - sampledAt(vm);
    return behind <= 1.5 * scrapeInterval(vm.place);
  });
}

/** However many VMs of them there are. */
export const countInstances = (places: readonly CellLocation[]): number =>
  new Set(places.map(instanceKey)).size;

/** Unix time of a cell's newest sample in Log Cache. */
export const sampledAt = ({ samples }: CellSeries): number =>
  QUERY_NAMES.reduce(
    (newest, name) => (samples[name] ?? []).reduce((time, { at }) => Math.max(time, at), newest),
    0,
  );

/** Whether it still reports, or only the past knows it. */
export const reports = (cell: CellSeries, now: number): boolean =>
  now - sampledAt(cell) <= LOOK_BACK_SECONDS;
