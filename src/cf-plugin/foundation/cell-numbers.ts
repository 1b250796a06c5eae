import { REASONS } from '../../model/finding.ts';
import type { Sample } from '../log-cache/answer.ts';
import { sampledAt, type CellSeries } from './series.ts';
import type { CellStatus } from './status.ts';

/** What Log Cache said of a cell, before anything is made of it. */
export type CellNumbers = Omit<CellStatus, 'verdict' | 'why'>;

/** What the agent uses where its configuration says nothing, and agents before `interval_seconds` was a label. */
const DEFAULT_INTERVAL_SECONDS = 15;
const LONGEST_INTERVAL_SECONDS = 86_400;

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
  const gardenUp = highest(samples.gardenUp);
  const couldNotTell = highest(samples.couldNotTell);
  return {
    ...place,
    listed: highest(samples.listed),
    tracked: ofStatus(cell, 'tracked'),
    pending: ofStatus(cell, 'pending'),
    untracked: untrackedCount(cell),
    untrackedByReason: byReason(samples.untracked ?? []),
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

const ofStatus = ({ samples }: CellSeries, status: string): number | null =>
  highest(samples.containers?.filter(({ labels }) => labels.status === status));

/** Told twice, by status and by reason: one of them may be missing from its answer. */
function untrackedCount(cell: CellSeries): number | null {
  const counted = ofStatus(cell, 'untracked');
  const reasons = cell.samples.untracked;
  if (reasons === undefined) return counted;
  const summed = Object.values(byReason(reasons)).reduce((sum, count) => sum + count, 0);
  // A sum of some reasons proves that something is untracked, not that nothing else is.
  const isWhole = REASONS.every((reason) =>
    reasons.some(({ labels, value }) => labels.reason === reason && value !== null),
  );
  return counted === null && summed === 0 && !isWhole ? null : Math.max(counted ?? 0, summed);
}

function byReason(samples: readonly Sample[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { labels, value } of samples) {
    const reason = labels.reason ?? '';
    if (value !== null && value > 0) counts.set(reason, (counts.get(reason) ?? 0) + value);
  }
  return Object.fromEntries(counts);
}

/** A change of version or cgroup mode is a new series, and what was before it is in the answer for a while. */
const newestBuild = (samples: readonly Sample[]): Sample | null =>
  samples.reduce<Sample | null>(
    (newest, sample) => (newest === null || sample.at > newest.at ? sample : newest),
    null,
  );

/** Unix time of the last reconcile. An agent before its first look says 0. */
function lastLook({ samples }: CellSeries): number | null {
  const latest = highest(samples.lastLook);
  return latest === null || latest <= 0 ? null : latest;
}

function interval(label: string | undefined): number {
  const seconds = Number(label ?? '');
  return seconds > 0 && seconds <= LONGEST_INTERVAL_SECONDS ? seconds : DEFAULT_INTERVAL_SECONDS;
}
