import type { Labels, Sample } from '../log-cache/answer.ts';
import type { Readings } from '../log-cache/ask.ts';
import { QUERY_NAMES, type QueryName } from '../log-cache/queries.ts';
import type { Place } from './status.ts';

/** What all queries said of one VM that has been a cell. */
export interface CellSeries {
  readonly place: Place;
  readonly samples: Readonly<Partial<Record<QueryName, readonly Sample[]>>>;
}

export const placeOf = (labels: Labels): Place => ({
  deployment: labels.deployment ?? '',
  instanceGroup: labels.job ?? '',
  index: labels.index ?? labels.instance_id ?? '',
  ip: labels.ip ?? '',
});

/** The same for a BOSH instance, on whichever VM it runs. */
export const instanceKey = ({ deployment, instanceGroup, index }: Place): string =>
  JSON.stringify([deployment, instanceGroup, index]);

/**
 * Puts together what the queries said of each cell. One query alone proves no absence: a loaded Log Cache was seen to
 * leave single cells out of single answers, so a cell is there as soon as one query has it.
 */
export function seriesByCell({ samples }: Readings): readonly CellSeries[] {
  const cells = new Map<string, { place: Place; samples: Partial<Record<QueryName, Sample[]>> }>();
  for (const query of QUERY_NAMES) {
    for (const sample of samples[query]) {
      const place = placeOf(sample.labels);
      const key = JSON.stringify([instanceKey(place), place.ip]);
      const cell = cells.get(key) ?? { place, samples: {} };
      cells.set(key, cell);
      (cell.samples[query] ??= []).push(sample);
    }
  }
  return currentVms([...cells.values()]);
}

/** A VM that was recreated leaves the series of the old one behind for a while; an instance is only where it was seen last. */
function currentVms(cells: readonly CellSeries[]): readonly CellSeries[] {
  const current = new Map<string, CellSeries>();
  for (const cell of cells) {
    const key = instanceKey(cell.place);
    const other = current.get(key);
    if (other === undefined || seenAt(cell) > seenAt(other)) current.set(key, cell);
  }
  return [...current.values()];
}

/** Unix time of a cell's newest sample in Log Cache, as far as it is known. */
export function sampledAt({ samples }: CellSeries): number | null {
  const ages = [...(samples.build ?? []), ...(samples.lastLookAge ?? [])];
  const times = ages.flatMap(({ at, value }) => (value === null ? [] : [at - value]));
  return times.length === 0 ? null : Math.max(...times);
}

const seenAt = (cell: CellSeries): number =>
  sampledAt(cell) ??
  Math.max(
    0,
    ...[...(cell.samples.lastLook ?? []), ...(cell.samples.earlier ?? [])].map(
      ({ value }) => value ?? 0,
    ),
  );

const OF_THE_PAST: ReadonlySet<QueryName> = new Set(['earlier', 'scrapeInterval']);

/** Whether it still reports, as far as the look-back of an instant query tells. */
export const reports = ({ samples }: CellSeries): boolean =>
  QUERY_NAMES.some((query) => !OF_THE_PAST.has(query) && samples[query] !== undefined);
