import { UNTRACKED_KINDS } from '../../model/finding.ts';
import type { Sample } from '../log-cache/answer.ts';
import { sampledAt, type CellSeries } from './series.ts';
import type { CellStatus } from './status.ts';

/** What Log Cache said of a cell, before anything is made of it. */
export type CellNumbers = Omit<CellStatus, 'verdict' | 'why'>;

const MAX_INTERVAL_SECONDS = 86_400;

/** `now`: Unix time by the clock of Log Cache. */
export function cellNumbers(
  cell: CellSeries,
  now: number,
  scrapeIntervalSeconds: number,
): CellNumbers {
  const { place, samples } = cell;
  const build = newestBuild(samples.build ?? []);
  const look = lastLook(cell);
  const omitted = highest(samples.omitted);
  const gardenUp = newestOrLowest(samples.gardenUp);
  const couldNotTell = highest(samples.couldNotTell);
  return {
    ...place,
    listed: highest(samples.listed),
    tracked: ofStatus(cell, 'tracked'),
    pending: ofStatus(cell, 'pending'),
    ...untrackedNumbers(cell),
    untrackedOmitted: omitted,
    garden: gardenUp === null ? null : gardenUp > 0 ? 'up' : 'down',
    couldNotTell: couldNotTell === null ? null : couldNotTell > 0,
    lastReconcileAt: look === null ? null : timeText(look),
    ageSeconds: look === null ? null : tenths(now - look),
    sampleAgeSeconds: Math.max(0, tenths(now - sampledAt(cell))),
    intervalSeconds: interval(build?.labels.interval_seconds),
    scrapeIntervalSeconds,
    version: build?.labels.version ?? null,
    cgroupMode: build?.labels.cgroup_mode ?? null,
  };
}

export const timeText = (seconds: number): string | null => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** The larger of two that contradict each other, so that nothing is smaller than it is. */
const highest = (samples: readonly Sample[] | undefined): number | null =>
  (samples ?? []).reduce<number | null>(
    (high, { value }) => (value === null || (high !== null && high >= value) ? high : value),
    null,
  );

/** Of two that contradict each other the newer, and of two as new the lower: what may be down is not called up. */
const newestOrLowest = (samples: readonly Sample[] | undefined): number | null =>
  (samples ?? [])
    .filter(({ value }) => value !== null)
    .toSorted((a, b) => b.at - a.at || (a.value ?? 0) - (b.value ?? 0))[0]?.value ?? null;

/** How many are untracked, and why. */
export const untrackedNumbers = (
  cell: CellSeries,
): Pick<CellNumbers, 'untracked' | 'untrackedByReason'> => ({
  untracked: untrackedCount(cell),
  untrackedByReason: byReason(cell.samples.untracked ?? []),
});

const ofStatus = ({ samples }: CellSeries, status: string): number | null =>
  highest(samples.containers?.filter(({ labels }) => labels.status === status));

/** Told twice, by status and by reason: one of them may be missing from its answer. */
function untrackedCount(cell: CellSeries): number | null {
  const counted = ofStatus(cell, 'untracked');
  const reasons = cell.samples.untracked;
  if (reasons === undefined) return counted;
  const summed = Object.values(byReason(reasons)).reduce((sum, count) => sum + count, 0);
  // A sum of some reasons proves that something is untracked, not that nothing else is.
  const isWhole = UNTRACKED_KINDS.every(([reason, severity]) =>
    reasons.some(
      ({ labels, value }) =>
        labels.reason === reason && labels.severity === severity && value !== null,
    ),
  );
  return counted === null && summed === 0 && !isWhole ? null : Math.max(counted ?? 0, summed);
}

/** Of one reason and severity there may be two: series that differ in a tag of the way here, before and after it changed. */
function byReason(samples: readonly Sample[]): Record<string, number> {
  const kinds = new Map<string, { readonly reason: string; readonly count: number }>();
  for (const { labels, value } of samples) {
    const kind = JSON.stringify([labels.reason, labels.severity]);
    const count = Math.max(kinds.get(kind)?.count ?? 0, value ?? 0);
    kinds.set(kind, { reason: labels.reason ?? '', count });
  }
  const counts = new Map<string, number>();
  for (const { reason, count } of kinds.values()) {
    if (count > 0) counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return Object.fromEntries(counts);
}

/** A change of version or cgroup mode is a new series, and what was before it is in the answer for a while. */
const newestBuild = (samples: readonly Sample[]): Sample | null =>
  samples.reduce<Sample | null>(
    (newest, sample) => (newest === null || sample.at > newest.at ? sample : newest),
    null,
  );

/** Unix time of the last reconcile. An agent before its first pass says 0. */
function lastLook({ samples }: CellSeries): number | null {
  const latest = highest(samples.lastLook);
  return latest === null || latest <= 0 ? null : latest;
}

/** Agents before `interval_seconds` was a label do not tell it. */
function interval(label: string | undefined): number | null {
  const seconds = Number(label ?? '');
  return seconds > 0 && seconds <= MAX_INTERVAL_SECONDS ? seconds : null;
}
