import type { AgentState } from '../../../src/model/agent-state.ts';
import { asHandle } from '../../../src/model/ids.ts';
import type { ContainerReport, Report } from '../../../src/model/report.ts';
import { metricsText } from '../../../src/present/metrics.ts';
import { container, report, state } from '../../present/agent-state-builder.ts';
import { samplesOf, type Sample } from '../../present/metrics-samples.ts';

export const MINUTE = 60;

/** The cell of most stories, as texts of alerts name it. */
export const ON_CELL = 'on cell diego-cell/c1 of deployment cf (foundation prod)';

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

export const between = (seconds: number, fromMinute: number, untilMinute: number): boolean =>
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

/** The cell of most stories, with these differences at each moment. */
export const cellWith = (change: (seconds: number) => Change): Cell =>
  cellThat(1, (t) => heard(t, change(t)));

/** The same, with one difference from one minute to before another. */
export const cellDuring = (from: number, until: number, change: Change): Cell =>
  cellWith((t) => (between(t, from, until) ? change : {}));

/** A finding of the given kind, untracked since a time in seconds. */
export const finding = (
  handle: string,
  since: number,
  change: Partial<ContainerReport> = {},
): ContainerReport => ({
  ...container(3),
  handle: asHandle(handle),
  status: 'untracked',
  reason: 'unknown-to-garden',
  severity: 'critical',
  since: new Date(since * 1000).toISOString(),
  explanation: { kind: 'unknown-to-garden', basis: 'garden-directory', left: null, runtime: null },
  ...change,
});

/** What a report holds while Garden's list cannot be read. */
export const gardenAwaySince = (since: number): Partial<Report> => {
  const why = 'Nothing listens there: is Garden running?';
  return {
    verdict: 'unknown',
    unknownCause: { kind: 'garden-unavailable', why },
    garden: { state: 'unavailable', since: new Date(since * 1000).toISOString(), why },
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
