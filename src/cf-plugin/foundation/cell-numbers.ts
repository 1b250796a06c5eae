import { UNTRACKED_KINDS } from '../../model/finding.ts';
import type { Sample } from '../log-cache/answer.ts';
import { sampledAt, type CellSeries } from './series.ts';
import type { CellStatus, UntrackedInstance } from './status.ts';

/** The numbers of a cell in Log Cache, before any judgement. */
export type CellNumbers = Omit<CellStatus, 'verdict' | 'why'>;

const MAX_INTERVAL_SECONDS = 86_400;

/** @param now Unix time by the clock of Log Cache */
export function cellNumbers(
  cell: CellSeries,
  now: number,
  scrapeIntervalSeconds: number,
): CellNumbers {
  const { location, samples } = cell;
  const build = newestBuild(samples.build ?? []);
  const lastPass = lastPassAt(cell);
  const omitted = highest(samples.omitted);
  const gardenUp = newestOrLowest(samples.gardenUp);
  const couldNotTell = highest(samples.couldNotTell);
  return {
    ...location,
    listed: highest(samples.listed),
    tracked: ofStatus(cell, 'tracked'),
    pending: ofStatus(cell, 'pending'),
    ...untrackedNumbers(cell),
    untrackedOmitted: omitted,
    garden: gardenUp === null ? null : gardenUp > 0 ? 'up' : 'down',
    couldNotTell: couldNotTell === null ? null : couldNotTell > 0,
    lastReconcileAt: lastPass === null ? null : rfc3339(lastPass),
    ageSeconds: lastPass === null ? null : tenths(now - lastPass),
    sampleAgeSeconds: Math.max(0, tenths(now - sampledAt(cell))),
    intervalSeconds: interval(build?.labels.interval_seconds),
    scrapeIntervalSeconds,
    version: build?.labels.version ?? null,
    cgroupMode: build?.labels.cgroup_mode ?? null,
  };
}

/** From Unix time; null where it is beyond what a date can hold. */
export const rfc3339 = (seconds: number): string | null => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** The larger of contradicting values, so that no count is too small. */
const highest = (samples: readonly Sample[] | undefined): number | null =>
  (samples ?? []).reduce<number | null>(
    (high, { value }) => (value === null || (high !== null && high >= value) ? high : value),
    null,
  );

/** The newest of contradicting values; of two as new, the lower one: Garden may be down. */
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

/** Two metrics have this count, one by status and one by reason, and one of them may be missing. */
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

/** A reason and severity has two series after a tag changed on the way to Log Cache. */
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

/** A new version or cgroup mode starts a new series; the old one stays for a while. */
const newestBuild = (samples: readonly Sample[]): Sample | null =>
  samples.reduce<Sample | null>(
    (newest, sample) => (newest === null || sample.at > newest.at ? sample : newest),
    null,
  );

/** Unix time of the last reconcile. Before its first pass an agent reports 0. */
function lastPassAt({ samples }: CellSeries): number | null {
  const latest = highest(samples.lastLook);
  return latest === null || latest <= 0 ? null : latest;
}

/** Older agents lack the label `interval_seconds`. */
function interval(label: string | undefined): number | null {
  const seconds = Number(label ?? '');
  return seconds > 0 && seconds <= MAX_INTERVAL_SECONDS ? seconds : null;
}

/**
 * The instances of a cell that are untracked now. A finding that is over has no further samples,
 * yet Log Cache repeats its last one for five minutes: a finding is over once the last scrapes of
 * the cell lack it. A scrape may arrive between two queries, so one missing scrape proves nothing,
 * unless the cell counts fewer.
 */
export function currentFindings(
  cell: CellSeries,
  {
    untracked,
    untrackedOmitted,
    scrapeIntervalSeconds,
  }: Pick<CellNumbers, 'untracked' | 'untrackedOmitted' | 'scrapeIntervalSeconds'>,
): readonly UntrackedInstance[] {
  const findings = newestOfEachHandle(cell);
  const scrape = sampledAt(cell);
  const lag = ({ at }: Sample): number => scrape - at;
  const certain = findings.filter((finding) => lag(finding) <= scrapeIntervalSeconds / 2);
  const possible = findings
    .filter(
      (finding) =>
        lag(finding) > scrapeIntervalSeconds / 2 && lag(finding) <= 1.5 * scrapeIntervalSeconds,
    )
    .toSorted((a, b) => lag(a) - lag(b));
  const named = untracked === null ? Infinity : untracked - (untrackedOmitted ?? 0);
  return [...certain, ...possible.slice(0, Math.max(0, named - certain.length))].map((finding) =>
    instance(finding, cell),
  );
}

/** A finding with a new reason is a new series, and the old one stays for a while. */
function newestOfEachHandle({ samples }: CellSeries): readonly Sample[] {
  const newest = new Map<string, Sample>();
  for (const finding of samples.findings ?? []) {
    const key = finding.labels.handle ?? '';
    const other = newest.get(key);
    if (other === undefined || finding.at > other.at) newest.set(key, finding);
  }
  return [...newest.values()];
}

const instance = (
  { labels, value: since }: Sample,
  { location }: CellSeries,
): UntrackedInstance => ({
  handle: labels.handle ?? '',
  reason: labels.reason ?? '',
  severity: labels.severity ?? '',
  since: since === null || since <= 0 ? null : rfc3339(since),
  drill: labels.drill === 'true',
  cell: location,
  app:
    labels.app_id === undefined || labels.app_id === ''
      ? null
      : { id: labels.app_id, name: null, space: null, organization: null },
});
