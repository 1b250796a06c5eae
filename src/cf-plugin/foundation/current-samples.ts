import type { QueryName } from '../log-cache/queries.ts';
import { sampledAt, type CellSeries } from './series.ts';

/**
 * A scrape brings all metrics of a cell. One of which Log Cache lost the last envelope is a scrape behind the others, and one more
 * where a scrape arrived between two queries; what is further behind has not been told any more.
 */
const TOLD_FOR_SCRAPES = 2.5;

/** What the verdict and the numbers come from. Findings have a rule of their own, and the build stays what it was last. */
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
 * A cell without what it said only earlier: an old value looks like a current one, and how old the last pass is tells nothing of the
 * other metrics. Old is what is behind the newest sample of the same cell, so that a silent cell keeps its last numbers.
 */
export function currentSamples(cell: CellSeries, scrapeIntervalSeconds: number): CellSeries {
  const since = sampledAt(cell) - TOLD_FOR_SCRAPES * scrapeIntervalSeconds;
  const samples = { ...cell.samples };
  for (const name of JUDGED_BY)
    samples[name] = samples[name]?.filter(({ at }) => at >= since) ?? [];
  return { place: cell.place, samples };
}
