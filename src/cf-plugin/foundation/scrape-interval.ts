import { LOOK_BACK_SECONDS, SCRAPE_SECONDS } from '../log-cache/queries.ts';
import type { CellSeries } from './series.ts';
import type { CellLocation } from './status.ts';

/**
 * How often prom_scraper asks each cell, in seconds: an operator can set it, and nothing on the way tells it. It is measured:
 * the median of an instance group, because one configuration makes them all and a cell that was away has gaps. Never below
 * what the job sets by itself.
 */
export function scrapeIntervals(cells: readonly CellSeries[]): (place: CellLocation) => number {
  const measured = new Map<string, number[]>();
  for (const { place, samples } of cells) {
    const ofGroup = measured.get(groupKey(place)) ?? [];
    measured.set(groupKey(place), ofGroup);
    for (const { every } of samples.lastLook ?? []) if (every !== null) ofGroup.push(every);
  }
  const medians = new Map([...measured].map(([key, values]) => [key, median(values)]));
  // The engine gives nothing older than its look-back, so a longer interval could not be told from a lost cell.
  return (place) =>
    Math.min(LOOK_BACK_SECONDS, Math.max(SCRAPE_SECONDS, medians.get(groupKey(place)) ?? 0));
}

const groupKey = ({ deployment, instanceGroup }: CellLocation): string =>
  JSON.stringify([deployment, instanceGroup]);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
