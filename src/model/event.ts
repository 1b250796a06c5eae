import type { Reason } from './finding.ts';
import type { Handle } from './ids.ts';

const MESSAGES = [
  'rollcall.started',
  'rollcall.stopping',
  'rollcall.container.untracked',
  'rollcall.container.recovered',
  'rollcall.container.gone',
  'rollcall.garden.unavailable',
  'rollcall.garden.available',
  'rollcall.mounts.chosen',
  'rollcall.mounts.changed',
  'rollcall.metrics.unavailable',
  'rollcall.metrics.available',
  'rollcall.status.unavailable',
  'rollcall.status.available',
  'rollcall.memory.set-aside',
  'rollcall.memory.not-written',
  'rollcall.reconcile.could-not-tell',
  'rollcall.reconcile.recovered',
] as const;
type Message = (typeof MESSAGES)[number];

/** A transition: told once in the log and kept among the last events. */
export interface AgentEvent {
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly message: Message;
  readonly level: 'info' | 'error';
  readonly handle?: Handle;
  readonly reason?: Reason;
  readonly sentence: string;
  /** Plain values, already bounded. */
  readonly data: Readonly<Record<string, unknown>>;
}
