import type { Labels, Sample } from '../log-cache/answer.ts';
import { timeText, type CellNumbers } from './cell-numbers.ts';
import { sampledAt, type CellSeries } from './series.ts';
import type { UntrackedInstance } from './status.ts';

interface Finding {
  readonly labels: Labels;
  /** Unix time. */
  readonly since: number | null;
  /** Unix time of its newest sample; null: not known. */
  readonly sampledAt: number | null;
}

/**
 * The untracked instances of a cell that are so now. A finding that is over has no further samples, yet Log Cache goes on
 * giving its last one for five minutes: what the last scrapes of the cell did not bring is over. Between two queries a
 * scrape may arrive, so one scrape of difference proves nothing, unless the cell counts fewer.
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
  if (scrape === null) return findings.map((finding) => instance(finding, cell));
  const lag = ({ sampledAt: at }: Finding): number => (at === null ? 0 : scrape - at);
  const sure = findings.filter((finding) => lag(finding) <= scrapeIntervalSeconds / 2);
  const perhaps = findings
    .filter(
      (finding) =>
        lag(finding) > scrapeIntervalSeconds / 2 && lag(finding) <= 1.5 * scrapeIntervalSeconds,
    )
    .toSorted((a, b) => lag(a) - lag(b));
  const named = untracked === null ? Infinity : untracked - (untrackedOmitted ?? 0);
  return [...sure, ...perhaps.slice(0, Math.max(0, named - sure.length))].map((finding) =>
    instance(finding, cell),
  );
}

/** The labels of a finding are its identity: of one that got another reason the earlier series lives on for a while. */
function newestOfEachHandle({ samples }: CellSeries): readonly Finding[] {
  const times = new Map(
    (samples.findingsAge ?? []).map((sample) => [
      seriesKey(sample.labels),
      sample.value === null ? null : sample.at - sample.value,
    ]),
  );
  const newest = new Map<string, Finding>();
  const names = [...(samples.findings ?? []), ...onlyAged(samples.findings, samples.findingsAge)];
  for (const { labels, value } of names) {
    const finding = { labels, since: value, sampledAt: times.get(seriesKey(labels)) ?? null };
    const key = labels.handle ?? '';
    const other = newest.get(key);
    if (other === undefined || (finding.sampledAt ?? 0) > (other.sampledAt ?? 0)) {
      newest.set(key, finding);
    }
  }
  return [...newest.values()];
}

/** Series that only the second query had; its values are ages, not times since. */
function onlyAged(
  findings: readonly Sample[] | undefined,
  aged: readonly Sample[] | undefined,
): readonly Sample[] {
  const known = new Set((findings ?? []).map(({ labels }) => seriesKey(labels)));
  return (aged ?? [])
    .filter(({ labels }) => !known.has(seriesKey(labels)))
    .map((sample) => ({ ...sample, value: null }));
}

const seriesKey = ({ handle, reason, severity, app_id, drill }: Labels): string =>
  JSON.stringify([handle, reason, severity, app_id, drill]);

const instance = ({ labels, since }: Finding, { place }: CellSeries): UntrackedInstance => ({
  handle: labels.handle ?? '',
  reason: labels.reason ?? '',
  severity: labels.severity ?? '',
  since: since === null || since <= 0 ? null : timeText(since),
  drill: labels.drill === 'true',
  cell: place,
  app:
    labels.app_id === undefined || labels.app_id === ''
      ? null
      : { id: labels.app_id, name: null, space: null, organization: null },
});
