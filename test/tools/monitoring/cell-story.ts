import type { AgentState } from '../../../src/model/agent-state.ts';
import { asHandle } from '../../../src/model/ids.ts';
import type { ContainerReport, Report } from '../../../src/model/report.ts';
import { METRICS, metricsText } from '../../../src/present/metrics.ts';
import { DIRECT, type MetricsRoute } from '../../../tools/monitoring/metrics-routes.ts';
import { container, report, state } from '../../present/agent-state-builder.ts';
import { samplesOf, type Sample } from '../../present/metrics-samples.ts';

export const MINUTE = 60;

/** What a Prometheus can learn of a cell at one moment. */
export type Moment =
  | { readonly kind: 'heard'; readonly samples: readonly Sample[] }
  /** The cell runs, its agent does not answer. */
  | { readonly kind: 'silent' }
  /** The VM is being recreated: service discovery still knows it. */
  | { readonly kind: 'away' }
  /** No such cell exists. */
  | { readonly kind: 'gone' };

export interface Cell {
  readonly index: string;
  readonly ip: string;
  /** Prod if not given. */
  readonly foundation?: string;
  /** Its instance group; diego-cell if not given. */
  readonly group?: string;
  /** What can be known of it, given the time in seconds. */
  readonly at: (seconds: number) => Moment;
}

export const cellThat = (number: number, at: Cell['at'], ip = `10.0.1.${number}`): Cell => ({
  index: `c${number}`,
  ip,
  at,
});

const isBetween = (seconds: number, fromMinute: number, untilMinute: number): boolean =>
  seconds >= fromMinute * MINUTE && seconds < untilMinute * MINUTE;

export const SILENT: Moment = { kind: 'silent' };
export const AWAY: Moment = { kind: 'away' };
export const GONE: Moment = { kind: 'gone' };

/** Differences from an agent that makes a pass every 15 seconds and finds all tracked. */
export interface Change {
  readonly containers?: readonly ContainerReport[];
  readonly report?: Partial<Report> | null;
  readonly state?: Partial<AgentState>;
}

/** What an agent says on /metrics after a pass, made by the product's own code. */
export function heard(seconds: number, change: Change = {}): Moment {
  const containers = [container(0), container(1), ...(change.containers ?? [])];
  const shown = state({
    report: change.report === null ? null : report(containers, change.report),
    lastReconcileSeconds: seconds,
    mountsChanged: 0,
    reconciles: { ok: Math.floor(seconds / 15), failed: 0 },
    ...change.state,
  });
  return { kind: 'heard', samples: samplesOf(metricsText(shown)) };
}

/** What an agent says from some minute on: differences from a healthy one, or all of it. */
export type Told = Change | Moment | ((seconds: number) => Moment);

const HEALTHY: Told = {};

interface TimedMoment {
  readonly fromMinute: number;
  readonly untilMinute: number;
  readonly told: Told;
}

export const between = (fromMinute: number, untilMinute: number, told: Told): TimedMoment => ({
  fromMinute,
  untilMinute,
  told,
});
export const since = (fromMinute: number, told: Told): TimedMoment =>
  between(fromMinute, Infinity, told);
export const always = (told: Told): TimedMoment => since(0, told);

/**
 * The cell of this number with these moments; it is healthy at other times, and the last one
 * counts.
 */
export const cellNumber = (number: number, ...moments: readonly TimedMoment[]): Cell =>
  cellThat(number, (seconds) => {
    const moment = moments.findLast(({ fromMinute, untilMinute }) =>
      isBetween(seconds, fromMinute, untilMinute),
    );
    const told = moment?.told ?? HEALTHY;
    if (typeof told === 'function') return told(seconds);
    return 'kind' in told ? told : heard(seconds, told);
  });

/** The first cell with these moments. */
export const cellWith = (...moments: readonly TimedMoment[]): Cell => cellNumber(1, ...moments);

/** A finding of the given kind, untracked since a time in seconds. */
export const finding = (
  handle: string,
  sinceSeconds: number,
  change: Partial<ContainerReport> = {},
): ContainerReport => ({
  ...container(3),
  handle: asHandle(handle),
  status: 'untracked',
  reason: 'unknown-to-garden',
  severity: 'critical',
  since: new Date(sinceSeconds * 1000).toISOString(),
  explanation: { kind: 'unknown-to-garden', basis: 'garden-directory', left: null, runtime: null },
  ...change,
});

/** What a report holds while Garden's list cannot be read. */
export const gardenAwaySince = (seconds: number): Partial<Report> => {
  const why = 'Nothing listens there: is Garden running?';
  return {
    verdict: 'unknown',
    unknownCause: { kind: 'garden-unavailable', why },
    garden: { state: 'unavailable', since: new Date(seconds * 1000).toISOString(), why },
  };
};

/** A cell that goes at one minute and comes back at another one under another address. */
export const readdressed = (
  cell: Cell,
  goes: number,
  comes: number,
  after: Cell['at'] = (t) => heard(t),
): readonly Cell[] => [
  { ...cell, at: (t) => (t < goes * MINUTE ? cell.at(t) : GONE) },
  { ...cell, ip: '10.0.9.9', at: (t) => (t < comes * MINUTE ? GONE : after(t)) },
];

export type Labels = Readonly<Record<string, string>>;

/** How long firehose_exporter shows a value by default. */
const LINGERS_SECONDS = 600;

/** The samples of some cells on a metrics route, as input of `promtool test rules`. */
export function inputSeries(
  route: MetricsRoute,
  cells: readonly Cell[],
  times: readonly number[],
): readonly { readonly series: string; readonly values: string }[] {
  const values = new Map<string, (number | null)[]>();
  const set = (series: string, at: number, value: number): void => {
    const row = values.get(series) ?? times.map(() => null);
    row[at] = value;
    values.set(series, row);
  };
  for (const cell of cells) {
    const labels = labelsText(cellLabels(route, cell));
    for (const [at, seconds] of times.entries()) {
      for (const [series, value] of arriving(route, labels, cell.at(seconds))) {
        set(series, at, value);
      }
    }
  }
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  return [...values].map(([series, row]) => ({
    series,
    values: valuesText(route.lingers ? lingering(row, Math.round(LINGERS_SECONDS / step)) : row),
  }));
}

/** The series of a cell with these labels, and their values. */
function arriving(
  { id, metric, cellAlive }: MetricsRoute,
  labels: string,
  moment: Moment,
): readonly (readonly [string, number])[] {
  const series: (readonly [string, number])[] = [];
  if (moment.kind === 'heard') {
    const origin = id === DIRECT.id ? {} : { origin: 'rollcall', source_id: 'rollcall' };
    for (const sample of moment.samples) {
      const name = metric(sample.name, TYPES.get(sample.name) ?? 'gauge');
      const own = labelsText({ ...origin, ...sample.labels });
      series.push([`${name}{${own === '' ? '' : `${own},`}${labels}}`, sample.value]);
    }
  }
  if (cellAlive.kind === 'up') {
    if (moment.kind !== 'gone') series.push([`up{${labels}}`, moment.kind === 'heard' ? 1 : 0]);
  } else if (moment.kind === 'heard' || moment.kind === 'silent') {
    series.push([`${cellAlive.series}{${labels},origin="rep"}`, 64_000]);
  }
  return series;
}

const TYPES = new Map<string, 'gauge' | 'counter'>(METRICS.map(({ name, type }) => [name, type]));

/** firehose_exporter copies bosh_*, Prometheus makes `exported_job`. */
export function cellLabels(
  route: MetricsRoute,
  { index, ip, group = 'diego-cell', foundation = 'prod' }: Cell,
): Labels {
  const bosh = {
    environment: foundation,
    bosh_deployment: 'cf',
    bosh_job_name: group,
    bosh_job_id: index,
    bosh_job_ip: ip,
  };
  const tags = { deployment: 'cf', exported_job: group, index, ip, instance_id: index };
  switch (route.id) {
    case 'direct':
      return { job: 'rollcall', instance: `${ip}:9477`, ...bosh };
    case 'firehose':
      return { job: 'firehose', instance: 'exporter:9186', ...tags, ...bosh };
    case 'healthwatch':
      return {
        job: 'healthwatch-pas-exporter',
        instance: 'exporter:9090',
        system_domain: foundation,
        ...tags,
      };
    default:
      return route.id;
  }
}

export const labelsText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',');

/** Repeats each value until the next one, for as long as the exporter shows it. */
const lingering = (row: readonly (number | null)[], steps: number): readonly (number | null)[] => {
  let last: { readonly value: number; readonly at: number } | null = null;
  return row.map((value, at) => {
    if (value !== null) last = { value, at };
    return last === null || at - last.at >= steps ? null : last.value;
  });
};

/** A series missing in a scrape gets a staleness mark, as Prometheus sets it. */
const valuesText = (row: readonly (number | null)[]): string =>
  row
    .map((value, at) => {
      if (value !== null) return String(value);
      return at > 0 && row[at - 1] !== null ? 'stale' : '_';
    })
    .join(' ');
