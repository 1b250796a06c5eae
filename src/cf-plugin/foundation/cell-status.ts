import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import { durationText } from '../../terminal/duration-text.ts';
import { SILENT_SECONDS } from '../log-cache/ask.ts';
import {
  BEAT,
  BUILD,
  CONTAINERS,
  COULD_NOT_TELL,
  current,
  GARDEN_UP,
  locationOf,
  type CellLocation,
} from '../log-cache/cell-samples.ts';
import type { Sample } from '../log-cache/read.ts';
import type { KnownCell } from './roster.ts';

/**
 * The verdicts of a cell in the words of the table, worst first. Only `all-tracked` is a success.
 * `uncovered`: rep reports and rollcall does not.
 */
export const VERDICT_WORDS = {
  untracked: 'untracked',
  gone: 'gone',
  overdue: 'overdue',
  unknown: 'unknown',
  uncovered: 'no rollcall',
  'all-tracked': 'all tracked',
} as const;
export type CellVerdict = keyof typeof VERDICT_WORDS;

/** The numbers of a cell; each is null if Log Cache has no sample of it. */
type CellNumbers = ReturnType<typeof numbersAndFindings>['numbers'];
export type CellStatus = CellLocation &
  CellNumbers & {
    readonly verdict: CellVerdict;
    readonly why: string;
    /** RFC 3339, the time of its last sample that any run saw; null: it is not gone. */
    readonly goneSince: string | null;
  };
/** The texts are untrusted: escape them on output. */
export type UntrackedInstance = ReturnType<typeof instance>;

/** An instance of an app, by the Cloud Controller and its cell. The texts are untrusted. */
export interface InstanceStatus {
  readonly app: NonNullable<UntrackedInstance['app']>;
  /** The type of its process. */
  readonly process: string;
  readonly index: number;
  readonly state: string;
  /** The address of its cell, or empty. */
  readonly host: string;
  /** `not-running`: Diego says so, and nothing is to be tracked. */
  readonly verdict: 'tracked' | 'pending' | 'untracked' | 'unknown' | 'not-running';
  /** The reason of the instance's finding; null if it has none. */
  readonly reason: string | null;
  /** By sensor of its cell: whether it sees the instance; null: not known. */
  readonly sensors: Readonly<Record<string, boolean | null>>;
}

/** Diego's view of an untracked instance. `counted`: it is one of the app's instances. */
export type DiegoSays = 'counted' | 'replaced' | 'app-stopped' | 'app-deleted' | 'unknown';

/** The agent's own default, used if the interval of a cell is unknown. */
const DEFAULT_INTERVAL_SECONDS = 15;
const MAX_INTERVAL_SECONDS = 86_400;
/** A foundation's clocks agree to fractions of a second; beyond this difference no age is known. */
export const CLOCK_SECONDS = 60;
/** A cell without a sample for this long, or for 2.5 scrapes if that is longer, is gone. */
const GONE_SECONDS = 120;
/** The samples of one scrape have nearly the same time. */
export const SCRAPE_TAKES_SECONDS = 2;

/** @param found all findings of the cell that were read */
export function judgedCell(
  known: KnownCell,
  found: readonly Sample[],
  answer: Answer,
): { readonly cell: CellStatus; readonly findings: readonly UntrackedInstance[] } {
  const { numbers, findings } = numbersAndFindings(known, found, answer);
  const [verdict, why] = judge(numbers, known, answer);
  const { lastSampleAt, location } = known;
  const goneSince = verdict === 'gone' && lastSampleAt !== null ? rfc3339(lastSampleAt) : null;
  return { cell: { ...location, verdict, why, goneSince, ...numbers }, findings };
}

/** What an answer of Log Cache says about all cells. */
interface Answer {
  /** Why a part of the samples could not be read; null: all of them were. */
  readonly unread: string | null;
  /** For how many seconds a cell without samples was searched for; null if that is not known. */
  readonly lookedBack: number | null;
  /** Unix time by the clock of the API. */
  readonly now: number;
  /** Seconds between two scrapes of the cell. */
  readonly interval: number;
  /** What shows that two senders report as the cell, as `twoSenders` says it; null: nothing does. */
  readonly senders: string | null;
}

/** Whether its numbers are those of a recent pass that compared everything. */
export const isCompared = ({ verdict }: CellStatus): boolean =>
  verdict === 'all-tracked' || verdict === 'untracked';

function numbersAndFindings(
  cell: KnownCell,
  found: readonly Sample[],
  { now, interval, senders }: Answer,
) {
  const samplesOf = (metric: string): readonly Sample[] => current(cell, metric, interval);
  const value = (metric: string, status?: string): number | null =>
    samplesOf(metric).find(
      (one) => one.value !== null && (status === undefined || one.tags['status'] === status),
    )?.value ?? null;
  /**
   * Of the last scrape and the one before, because somebody may report as the cell: what only one
   * sender says is not over before a scrape interval without it is.
   */
  const lately = (metric: string, status?: string): readonly number[] => {
    const own = samplesOf(metric).filter(
      ({ tags, value: is }) => is !== null && (status === undefined || tags['status'] === status),
    );
    const [newest] = own;
    return own
      .filter(({ at }) => (newest?.at ?? 0) - at <= interval + SCRAPE_TAKES_SECONDS)
      .map(({ value: is }) => is ?? 0);
  };
  // The build does not change, so a sample of any age is valid.
  const [build] = current(cell, BUILD, Infinity);
  const seconds = Number(build?.tags['interval_seconds'] ?? '');
  const totals = lately(CONTAINERS, 'untracked');
  const total = totals.length === 0 ? null : Math.max(...totals);
  // If two senders report, either may name fewer than there are.
  const findings = currentFindings(cell, found, senders === null ? total : null, interval);
  const gardens = lately(GARDEN_UP);
  const unknowns = lately(COULD_NOT_TELL);
  const reasons = Map.groupBy(findings, ({ reason }) => reason);
  const untracked = findings.length > (total ?? 0) ? findings.length : total;
  // Before its first pass an agent reports 0.
  const pass = value(BEAT);
  const hasPass = pass !== null && pass > 0;
  const numbers = {
    listed: value('rollcall_garden_listed'),
    tracked: value(CONTAINERS, 'tracked'),
    pending: value(CONTAINERS, 'pending'),
    untracked,
    /** Counts only the named containers: a cell names a limited number and omits the others. */
    untrackedByReason: Object.fromEntries([...reasons].map(([reason, of]) => [reason, of.length])),
    untrackedOmitted: untracked === null ? null : untracked - findings.length,
    sensors: sensorsOf(samplesOf),
    /** By ledger; a ledger of which the cell knows nothing is not in it. */
    leftovers: byLabel(samplesOf('rollcall_leftovers'), 'ledger'),
    /** 1 while it lasts, by reason. */
    warnings: byLabel(samplesOf('rollcall_cell_warning'), 'reason'),
    garden: gardens.length === 0 ? null : gardens[0] === 0 ? ('down' as const) : ('up' as const),
    couldNotTell: unknowns.length === 0 ? null : unknowns.some((one) => one > 0),
    lastReconcileAt: hasPass ? rfc3339(pass) : null,
    ageSeconds: hasPass ? tenths(now - pass) : null,
    /** The time since the last sample that any run saw; null if none did. */
    sampleAgeSeconds: cell.lastSampleAt === null ? null : tenths(now - cell.lastSampleAt),
    // The interval is a label of the build's sample, and is not known while that is missing.
    intervalSeconds: seconds > 0 && seconds <= MAX_INTERVAL_SECONDS ? seconds : null,
    scrapeIntervalSeconds: interval,
    version: build?.tags['version'] ?? null,
    cgroupMode: build?.tags['cgroup_mode'] ?? null,
  };
  return { numbers, findings };
}

/** From Unix time; null if it is out of range for a date. */
export const rfc3339 = (seconds: number): string | null => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

const tenths = (seconds: number): number | null => Math.round(seconds * 10) / 10;

function sensorsOf(samplesOf: (metric: string) => readonly Sample[]) {
  const silent = samplesOf('rollcall_sensor_silent');
  const samples = ['rollcall_sensor_up', 'rollcall_sensor_containers'].flatMap(samplesOf);
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
 * The findings of the cell's last scrape. The request for findings may miss a scrape that the
 * request for counts has. Then the findings of the scrape before are used, as many as are
 * untracked.
 */
function currentFindings(
  { newest }: KnownCell,
  found: readonly Sample[],
  untracked: number | null,
  interval: number,
): readonly UntrackedInstance[] {
  const newestFirst = found
    .filter(({ at }) => newest - at <= interval + SCRAPE_TAKES_SECONDS)
    .filter(({ at }) => at - newest <= SCRAPE_TAKES_SECONDS)
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
    cell: locationOf(finding),
    app: id === '' ? null : app,
    diego: notAsked(),
  };
}

/** The last values of a metric, by a label; null if there are none. */
function byLabel(
  samples: readonly Sample[],
  label: string,
): Readonly<Record<string, number>> | null {
  const last = Map.groupBy(samples, ({ tags }) => tags[label] ?? '');
  const values = [...last].flatMap(([name, [newest]]) =>
    newest === undefined || newest.value === null ? [] : [[name, newest.value] as const],
  );
  return values.length === 0 ? null : Object.fromEntries(values);
}

type Judgement = readonly [verdict: CellVerdict, why: string];

const PARTLY: Judgement = ['unknown', 'Log Cache gave only a part of the metrics of the cell.'];
const RETAINED_TOO_SHORT: Judgement = [
  'unknown',
  'The cell reported before, and Log Cache goes back too little to show whether it still does.',
];
const NO_PASS = `The agent has not reported a pass yet: it may have just started, or no pass is possible; ${TYPED_ON_CELL} status on the cell says why.`;
const clockAhead = (seconds: number): Judgement => [
  'unknown',
  `The clock of the cell is ${durationText(seconds)} ahead of the API's: the age of the data is unknown.`,
];
const twoSenders = (shown: string): Judgement => [
  'unknown',
  `${shown}. Nothing shows which numbers are the cell's; ${TYPED_ON_CELL} status on the cell has them.`,
];
const lastKnown = (what: string): Judgement => [
  'unknown',
  `${what}; ${TYPED_ON_CELL} status on the cell says why. The numbers are the last known ones.`,
];

function judge(cell: CellNumbers, known: KnownCell, answer: Answer): Judgement {
  const judgement = judgeByNumbers(cell, known, answer);
  const { unread } = answer;
  // What is missing may be in what could not be read.
  const isByMissing =
    [PARTLY, RETAINED_TOO_SHORT].includes(judgement) ||
    ['gone', 'overdue', 'uncovered'].includes(judgement[0]);
  return isByMissing && unread !== null
    ? ['unknown', `Not all samples of the cell could be read: ${unread}. Try again.`]
    : judgement;
}

function judgeByNumbers(
  cell: CellNumbers,
  { hasRep, samples, aheadSeconds, newest }: KnownCell,
  { lookedBack, now, senders }: Answer,
): Judgement {
  const { ageSeconds: age, sampleAgeSeconds: silence, garden, couldNotTell, untracked } = cell;
  const { scrapeIntervalSeconds: interval } = cell;
  if (silence === null) {
    const never =
      lookedBack === null ? 'does not' : `has not in the last ${durationText(lookedBack)}`;
    return [
      'uncovered',
      `rep reports there, and rollcall ${never}: install rollcall, or check that it and prom_scraper run.`,
    ];
  }
  const goneAfter = Math.max(GONE_SECONDS, 2.5 * interval);
  if (silence > goneAfter) {
    if (samples.length === 0 && (lookedBack ?? 0) < goneAfter) return RETAINED_TOO_SHORT;
    const what = hasRep
      ? 'rep there still reports: check that rollcall and prom_scraper run.'
      : 'rep there is silent too: the VM is deleted or down, or its clock is behind.';
    const long =
      silence > SILENT_SECONDS
        ? 'more than 5m, and no run on this machine saw a later sample'
        : durationText(silence);
    return ['gone', `Nothing has arrived for ${long}. ${what}`];
  }
  if (senders !== null) return twoSenders(senders);
  const ahead = Math.max(aheadSeconds, -(age ?? 0));
  // If every time is ahead, nothing says how old the numbers are.
  if (newest > now || ahead > CLOCK_SECONDS) return clockAhead(ahead);
  // While scrapes arrive, the last pass is at most one of each interval old.
  const limit = 3 * Math.max(cell.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS, interval);
  if ((age ?? silence) > limit) {
    // Without the build the interval is unknown, and while samples arrive it may be this long.
    if (cell.version === null && silence <= limit) return PARTLY;
    const last = age === null ? '' : `The last pass was ${durationText(age)} ago. `;
    // A stuck agent and missing samples have different remedies.
    const what =
      silence > 1.5 * interval
        ? `Nothing has arrived for ${durationText(silence)}. Check that the VM, its rollcall and its prom_scraper run, and that its clock is not behind.`
        : 'Samples arrive, but the agent makes no passes: see the log of rollcall on the cell.';
    return ['overdue', last + what];
  }
  // Before its first pass an agent reports that Garden is down, which says nothing about Garden.
  if (age === null) return couldNotTell === true ? ['unknown', NO_PASS] : PARTLY;
  // Garden is down only if its list could not be read, and then nothing was compared.
  if (garden === 'down') return lastKnown("The agent cannot read Garden's list");
  if (couldNotTell === true) return lastKnown('The agent cannot compare everything');
  if (garden === null || couldNotTell === null || untracked === null) return PARTLY;
  return untracked > 0
    ? ['untracked', 'The cell has untracked containers.']
    : ['all-tracked', 'Every container is tracked.'];
}
