import { durationText } from '../../terminal/duration-text.ts';
import { SILENT_SECONDS } from '../log-cache/ask.ts';
import * as cellSamples from '../log-cache/cell-samples.ts';
import type { Sample } from '../log-cache/read.ts';

/** Worst first. Only `all-tracked` is a success. `uncovered`: rep reports and rollcall does not. */
export const VERDICT_WORDS = {
  untracked: 'untracked',
  gone: 'gone',
  stale: 'stale',
  unknown: 'unknown',
  uncovered: 'no rollcall',
  'all-tracked': 'all tracked',
} as const;
export type CellVerdict = keyof typeof VERDICT_WORDS;

/** The numbers of a cell; each is null if Log Cache has no sample of it. */
type CellNumbers = ReturnType<typeof numbersAndFindings>['numbers'];
export type CellStatus = cellSamples.CellLocation &
  CellNumbers & { readonly verdict: CellVerdict; readonly why: string };
/** The texts are untrusted: escape them on output. */
export type UntrackedInstance = ReturnType<typeof instance>;

export interface InstanceStatus {
  readonly app: NonNullable<UntrackedInstance['app']>;
  readonly process: string;
  readonly index: number;
  readonly state: string;
  readonly host: string;
  /** `not-running`: Diego says so, and nothing is to be tracked. */
  readonly verdict: 'tracked' | 'pending' | 'untracked' | 'unknown' | 'not-running';
  readonly reason: string | null;
  /** By sensor of its cell: whether it sees the instance; null: not known. */
  readonly sensors: Readonly<Record<string, boolean | null>>;
}

export type DiegoSays = 'counted' | 'replaced' | 'app-stopped' | 'app-deleted' | 'unknown';

const DEFAULT_INTERVAL_SECONDS = 15;
const MAX_INTERVAL_SECONDS = 86_400;
/** A foundation's clocks agree to fractions of a second; beyond this difference no age is known. */
export const CLOCK_SECONDS = 60;
/** A cell without a sample for this long, or for 2.5 scrapes if that is longer, is gone. */
const GONE_SECONDS = 120;
/** The samples of one scrape have nearly the same time. */
const SCRAPE_TAKES_SECONDS = 2;

/** `found`: all findings of the cell that were read. */
export function judgedCell(
  samples: cellSamples.CellSamples,
  found: readonly Sample[],
  { unread, hasRep, ...at }: Known & At,
): { readonly cell: CellStatus; readonly findings: readonly UntrackedInstance[] } {
  const { numbers, findings } = numbersAndFindings(samples, found, at);
  const [verdict, why] = judge(numbers, { unread, hasRep });
  return { cell: { ...samples.location, verdict, why, ...numbers }, findings };
}

type Known = { readonly hasRep: boolean; readonly unread: string | null };
interface At {
  readonly now: number;
  /** Seconds between two scrapes. */
  readonly interval: number;
  readonly rep: ReadonlyMap<string, number> | undefined;
}

/** Whether its numbers are those of a recent pass that compared everything. */
export const isCompared = ({ verdict }: Pick<CellStatus, 'verdict'>): boolean =>
  verdict === 'all-tracked' || verdict === 'untracked';

export const uncoveredCell = (
  location: cellSamples.CellLocation,
  rep: At['rep'],
  { unread, lookedBack }: { unread: string | null; lookedBack: number | null },
): CellStatus => ({
  ...location,
  ...(unread === null
    ? { verdict: 'uncovered', why: uncoveredText(lookedBack) }
    : { verdict: 'unknown', why: unreadText(unread) }),
  ...numbersAndFindings({ location, samples: [], newest: 0 }, [], {
    now: 0,
    interval: DEFAULT_INTERVAL_SECONDS,
    rep,
  }).numbers,
  sampleAgeSeconds: null,
});

const uncoveredText = (lookedBack: number | null): string =>
  `Its rep reports, and rollcall ${lookedBack === null ? 'does not' : `has not in the last ${durationText(lookedBack)}`}: install it there, or check that it and prom_scraper run.`;

const unreadText = (unread: string): string =>
  `Not all of its samples could be read: ${unread}. Try again.`;

function numbersAndFindings(
  cell: cellSamples.CellSamples,
  found: readonly Sample[],
  { now, interval, rep }: At,
) {
  const value = (metric: string, status?: string): number | null =>
    cellSamples
      .current(cell, metric, interval)
      .find((one) => one.value !== null && (status === undefined || one.tags['status'] === status))
      ?.value ?? null;
  const flag = <T>(metric: string, no: T, yes: T): T | null => {
    const one = value(metric);
    return one === null ? null : one > 0 ? yes : no;
  };
  // The build does not change, so a sample of any age is valid.
  const [build] = cellSamples.current(cell, cellSamples.BUILD, Infinity);
  const seconds = Number(build?.tags['interval_seconds'] ?? '');
  const total = value(cellSamples.CONTAINERS, 'untracked');
  const findings = currentFindings(cell, found, total, interval);
  const open = findings.filter(({ acknowledged }) => !acknowledged);
  const reasons = Map.groupBy(open, ({ reason }) => reason);
  const untracked = open.length > (total ?? 0) ? open.length : total;
  // Before its first pass an agent reports 0.
  const pass = value(cellSamples.BEAT);
  const hasPass = pass !== null && pass > 0;
  const omitted = untracked === null ? null : untracked - open.length;
  const tracked = value(cellSamples.CONTAINERS, 'tracked');
  const pending = value(cellSamples.CONTAINERS, 'pending');
  const acknowledged = value('rollcall_acknowledged');
  /** Garden lists what has no cgroup, and a drill is in no kernel. */
  const elsewhere = findings.filter(({ reason, drill }) => drill || reason === 'no-cgroup').length;
  const numbers = {
    /** Those with a cgroup, and those that are pending; null also if not all findings are named. */
    kernel:
      tracked === null || pending === null || untracked === null || omitted !== 0
        ? null
        : tracked + pending + untracked + (acknowledged ?? 0) - elsewhere,
    listed: value('rollcall_garden_listed'),
    tracked,
    pending,
    untracked,
    untrackedByReason: Object.fromEntries([...reasons].map(([reason, of]) => [reason, of.length])),
    untrackedOmitted: omitted,
    acknowledged,
    sensors: sensorsOf(cell, interval),
    /** By ledger; a ledger of which the cell knows nothing is not in it. */
    leftovers: byLabel(cell, 'rollcall_leftovers', 'ledger', interval),
    warnings: byLabel(cell, 'rollcall_cell_warning', 'reason', interval),
    freeAddresses: value(cellSamples.FREE),
    repCount: rep?.get('ContainerCount') ?? null,
    room: rep?.get('CapacityRemainingContainers') ?? null,
    garden: flag<'up' | 'down'>(cellSamples.GARDEN_UP, 'down', 'up'),
    couldNotTell: flag(cellSamples.COULD_NOT_TELL, false, true),
    lastReconcileAt: hasPass ? rfc3339(pass) : null,
    ageSeconds: hasPass ? tenths(now - pass) : null,
    sampleAgeSeconds: tenths(Math.max(0, now - cell.newest)),
    // Older agents lack the label.
    intervalSeconds: seconds > 0 && seconds <= MAX_INTERVAL_SECONDS ? seconds : null,
    scrapeIntervalSeconds: interval,
    version: build?.tags['version'] ?? null,
    cgroupMode: build?.tags['cgroup_mode'] ?? null,
  };
  return { numbers, findings };
}

export const rfc3339 = (seconds: number): string | null => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

const tenths = (seconds: number): number | null => Math.round(seconds * 10) / 10;

function sensorsOf(cell: cellSamples.CellSamples, interval: number) {
  const silent = cellSamples.current(cell, 'rollcall_sensor_silent', interval);
  const samples = ['rollcall_sensor_up', 'rollcall_sensor_containers'].flatMap((metric) =>
    cellSamples.current(cell, metric, interval),
  );
  const sensors = [...Map.groupBy(samples, ({ tags }) => tags['sensor'] ?? '')];
  return sensors
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([sensor, own]) => {
      const value = (state?: string): number | null =>
        own.find(({ tags }) => tags['state'] === state)?.value ?? null;
      return {
        sensor,
        up: value() === null ? null : value() === 1,
        silent: silent.some(({ tags, value: is }) => tags['sensor'] === sensor && is === 1),
        seen: value('seen'),
        unseen: value('unseen'),
        expectedUnseen: value('expected_unseen'),
      };
    });
}

/**
 * The last scrape's; where the request for findings missed it, as many of the one before as are
 * counted.
 */
function currentFindings(
  { newest }: cellSamples.CellSamples,
  found: readonly Sample[],
  untracked: number | null,
  interval: number,
): readonly UntrackedInstance[] {
  const newestFirst = found
    .filter(({ at }) => newest - at <= interval + SCRAPE_TAKES_SECONDS)
    .toSorted((a, b) => b.at - a.at);
  const ofHandles = [...Map.groupBy(newestFirst, ({ tags }) => tags['handle']).values()];
  const recent = ofHandles.flatMap(([last]) => last ?? []);
  const certain = recent.filter(({ at }) => newest - at <= SCRAPE_TAKES_SECONDS).length;
  return recent.slice(0, Math.max(certain, untracked ?? Infinity)).map(instance);
}

const notAsked = (): DiegoSays => 'unknown';

function instance(finding: Sample) {
  const { tags, value: since } = finding;
  const id = tags['app_id'] ?? '';
  type Name = string | null;
  type App = { readonly id: string; name: Name; space: Name; organization: Name };
  const app: App = { id, name: null, space: null, organization: null };
  return {
    handle: tags['handle'] ?? '',
    reason: tags['reason'] ?? '',
    severity: tags['severity'] ?? '',
    since: since === null || since <= 0 ? null : rfc3339(since),
    drill: tags['drill'] === 'true',
    acknowledged: tags['acknowledged'] === 'true',
    cell: cellSamples.locationOf(finding),
    app: id === '' ? null : app,
    diego: notAsked(),
  };
}

function byLabel(
  cell: cellSamples.CellSamples,
  metric: string,
  label: string,
  interval: number,
): Readonly<Record<string, number>> | null {
  const last = Map.groupBy(
    cellSamples.current(cell, metric, interval),
    ({ tags }) => tags[label] ?? '',
  );
  const values = [...last].flatMap(([name, [newest]]) =>
    newest === undefined || newest.value === null ? [] : [[name, newest.value] as const],
  );
  return values.length === 0 ? null : Object.fromEntries(values);
}

type Judgement = readonly [verdict: CellVerdict, why: string];

const PARTLY: Judgement = ['unknown', 'Log Cache gave only a part of its metrics.'];
const NO_PASS =
  'It has not reported a pass yet: it may have just started, or no pass is possible; rollcall status on the cell says why.';
const lastKnown = (what: string): Judgement => [
  'unknown',
  `${what}; rollcall status on the cell says why. The numbers are the last known ones.`,
];

function judge(cell: CellNumbers, known: Known): Judgement {
  const judgement = judgeByNumbers(cell, known);
  const { unread } = known;
  // What is missing may be in what could not be read.
  const isByMissing = judgement === PARTLY || ['gone', 'stale'].includes(judgement[0]);
  return isByMissing && unread !== null ? ['unknown', unreadText(unread)] : judgement;
}

function judgeByNumbers(cell: CellNumbers, { hasRep }: Known): Judgement {
  const { ageSeconds: age, sampleAgeSeconds: sampleAge, garden, couldNotTell, untracked } = cell;
  const { scrapeIntervalSeconds: interval } = cell;
  const silence = sampleAge ?? 0;
  if (silence > Math.max(GONE_SECONDS, 2.5 * interval)) {
    const what = hasRep
      ? 'Its rep still reports: check that its rollcall and prom_scraper run.'
      : 'Its rep is silent too: the VM is deleted or down, or its clock is behind.';
    const long = silence > SILENT_SECONDS ? 'more than 5m' : durationText(silence);
    return ['gone', `Nothing has arrived for ${long}. ${what}`];
  }
  // While scrapes arrive, the last pass is at most one of each interval old.
  const limit = 3 * Math.max(cell.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS, interval);
  if ((age ?? silence) > limit) {
    // Without the build the interval is unknown, and while samples arrive it may be this long.
    if (cell.version === null && silence <= limit) return PARTLY;
    const last = age === null ? '' : `Its last pass was ${durationText(age)} ago. `;
    // A stuck agent and missing samples have different remedies.
    const what =
      silence > 1.5 * interval
        ? `It is silent: nothing has arrived for ${durationText(silence)}. Check that the VM, its rollcall and its prom_scraper run, and that its clock is not behind.`
        : 'Its samples arrive, but the agent makes no passes: see the log of rollcall on the cell.';
    return ['stale', last + what];
  }
  // Before its first pass an agent reports that Garden is down, which says nothing about Garden.
  if (age === null) return couldNotTell === true ? ['unknown', NO_PASS] : PARTLY;
  if (age < -CLOCK_SECONDS) {
    const ahead = durationText(-age);
    return ['unknown', `Its clock is ${ahead} ahead of the API's: the age of its data is unknown.`];
  }
  // Garden is down only if its list could not be read, and then nothing was compared.
  if (garden === 'down') return lastKnown("It cannot read Garden's list");
  if (couldNotTell === true) return lastKnown('It cannot compare everything');
  if (garden === null || couldNotTell === null || untracked === null) return PARTLY;
  return untracked > 0
    ? ['untracked', 'It has untracked containers.']
    : ['all-tracked', 'Every container is tracked.'];
}
