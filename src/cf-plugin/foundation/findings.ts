import type { Sample } from '../log-cache/answer.ts';
import { timeText, type CellNumbers } from './cell-numbers.ts';
import { sampledAt, type CellSeries } from './series.ts';
import type { UntrackedInstance } from './status.ts';

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
  const lag = ({ at }: Sample): number => scrape - at;
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

/** The labels of a finding are its identity: of one that got another reason the earlier series is there for a while. */
function newestOfEachHandle({ samples }: CellSeries): readonly Sample[] {
  const newest = new Map<string, Sample>();
  for (const finding of samples.findings ?? []) {
    const key = finding.labels.handle ?? '';
    const other = newest.get(key);
    if (other === undefined || finding.at > other.at) newest.set(key, finding);
  }
  return [...newest.values()];
}

const instance = ({ labels, value: since }: Sample, { place }: CellSeries): UntrackedInstance => ({
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
