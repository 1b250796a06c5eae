import type { WarningReason } from './cell-warning.ts';
import type { Reason } from './finding.ts';
import type { Handle } from './ids.ts';
import type { Report } from './report.ts';
import * as s from './shape.ts';

/** Everything that the agent's views show; replaced as a whole after each pass. */
export interface AgentState {
  readonly version: string;
  readonly startedAt: string;
  readonly intervalSeconds: number;
  /** Null until a pass has succeeded. */
  readonly report: Report | null;
  /** Why no pass has succeeded yet; null if none has ended, or if there is a report. */
  readonly passFailed: string | null;
  /** Newest first, at most 1,000. */
  readonly events: readonly AgentEvent[];
  /** The time of the last pass whose verdict is not unknown (RFC 3339, UTC); null: there was none. */
  readonly lastComparedAt: string | null;
  readonly reconciles: { readonly ok: number; readonly failed: number };
  readonly mountsChanged: number;
  /**
   * Unix time in seconds when the last pass ended, whether or not it compared anything. 0 until the
   * first report: findings have no series until then, and a time would make them look ended.
   */
  readonly lastReconcileSeconds: number;
  /** The operator's runbook, to which findings link. */
  readonly runbookUrl: string | null;
  /** What the names' socket has answered, in the order in which it first came; null: there is none. */
  readonly namesRequests: readonly NamesRequests[] | null;
}

/** The methods of CRI that the names' socket answers. */
export const CRI_METHODS = [
  'Version',
  'Status',
  'ListContainers',
  'ContainerStatus',
  'ListPodSandbox',
  'PodSandboxStatus',
  'GetContainerEvents',
] as const;
export type CriMethodName = (typeof CRI_METHODS)[number];

/** How it answers: `refused` for a wrong request, `overloaded` for one too many. */
export const CRI_RESULTS = ['answered', 'not-found', 'refused', 'overloaded', 'failed'] as const;
export type CriResult = (typeof CRI_RESULTS)[number];

/** How many requests had one result, since the agent started. */
export interface NamesRequests {
  readonly method: CriMethodName;
  readonly result: CriResult;
  readonly count: number;
}

export const MESSAGES = [
  'rollcall.started',
  'rollcall.stopping',
  'rollcall.container.untracked',
  'rollcall.container.changed',
  'rollcall.container.recovered',
  'rollcall.container.gone',
  'rollcall.garden.unavailable',
  'rollcall.garden.available',
  'rollcall.garden.directory-removed',
  'rollcall.cell.warning',
  'rollcall.cell.recovered',
  'rollcall.mounts.chosen',
  'rollcall.mounts.changed',
  'rollcall.sensor.started',
  'rollcall.sensor.stopped',
  'rollcall.sensor.unseen',
  'rollcall.sensor.silent',
  'rollcall.sensor.available',
  'rollcall.metrics.unavailable',
  'rollcall.metrics.available',
  'rollcall.metrics.not-renewed',
  'rollcall.metrics.renewed',
  'rollcall.status.unavailable',
  'rollcall.status.available',
  'rollcall.cri.unavailable',
  'rollcall.cri.available',
  'rollcall.cri.misnamed',
  'rollcall.memory.set-aside',
  'rollcall.memory.not-written',
  'rollcall.memory.written',
  'rollcall.names.not-written',
  'rollcall.names.written',
  'rollcall.summary',
  'rollcall.reconcile.could-not-tell',
  'rollcall.reconcile.recovered',
  'rollcall.reconcile.differs',
] as const;
type Message = (typeof MESSAGES)[number];

/** A transition: logged once and kept among the last events. */
export interface AgentEvent {
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly message: Message;
  readonly level: 'info' | 'error';
  readonly handle?: Handle;
  /** The reason of the finding or of the warning about the cell that the event is about. */
  readonly reason?: Reason | WarningReason;
  readonly sentence: string;
  /** Plain values, already bounded. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the agent did in an hour, or in the part of it in which it ran. */
export interface HourlySummary {
  /** RFC 3339 UTC. */
  readonly from: string;
  readonly to: string;
  /** Passes that ended: those that compared the containers, and those that could not. */
  readonly passes: number;
  readonly compared: number;
  readonly failed: number;
  /** The longest time in which nothing was compared. One that began in the hour before counts in full. */
  readonly longestGapSeconds: number;
  /** In the last pass. */
  readonly containers: number;
  /** The most findings at once, without drills. */
  readonly findings: number;
}

/** A finding that somebody asked for, to test the alert path end to end. */
export interface Drill {
  readonly handle: string;
  /** RFC 3339 UTC. */
  readonly since: string;
  readonly until: string;
}

/** A drill, and how often its metrics were read. */
export interface DrillProgress extends Drill {
  /** Answers of `/metrics` that had it. Who asked is not known. */
  readonly scrapes: number;
  /** RFC 3339 UTC. */
  readonly lastScraped: string | null;
}

/** `GET`, `POST` and `DELETE /v1/drill`. */
export const drillView = s.object({
  schemaVersion: s.schemaVersion,
  handle: s.key(s.text, 'The handle of the finding that is raised.'),
  until: s.key(s.time, 'When it ends by itself.'),
  exported: s.key(s.flag, 'Whether the metrics have it now.'),
  scrapes: s.key(s.count, 'How many answers of /metrics have had it, whoever asked.'),
  lastScraped: s.key(s.nullableTime, 'When the last of them was given.'),
});
export type DrillView = s.TypeOf<typeof drillView>;

/** An event in an answer. Its texts are unescaped: escape them on output. */
export const eventView = s.object({
  at: s.key(s.text, 'When it happened.'),
  message: s.key(s.text, 'As in the log.'),
  handle: s.key(s.nullableText, 'The container that it is about.'),
  reason: s.key(s.nullableText, 'Why it is, or was, untracked.'),
  sentence: s.key(s.text, 'A summary in sentences.'),
  data: s.key(s.anything, 'As in the log: what the message is about.'),
});
export type EventView = s.TypeOf<typeof eventView>;
