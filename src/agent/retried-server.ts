import type { AgentState } from '../model/agent-state.ts';
import { jsonResponse, type HttpResponse } from './http.ts';

/** What is wrong with the agent itself, whatever it finds; null if nothing is. */
export type Health = null | {
  readonly status: 'stuck' | 'hanging-reads' | 'no-metrics' | 'no-status-socket';
  readonly error: string;
};

/** @param errors why nothing can be read, and why each server does not serve; null if it can, or does */
export function healthOf(
  isAlive: boolean,
  errors: Readonly<Record<'reads' | 'status' | 'metrics', string | null>>,
): Health {
  if (!isAlive) return { status: 'stuck', error: 'no pass has completed in time' };
  if (errors.reads !== null) return { status: 'hanging-reads', error: errors.reads };
  if (errors.status !== null) return { status: 'no-status-socket', error: errors.status };
  return errors.metrics === null ? null : { status: 'no-metrics', error: errors.metrics };
}

export const healthResponse = (health: Health): HttpResponse =>
  health === null ? jsonResponse(200, { status: 'ok' }) : jsonResponse(503, health);

/** What each server of the agent needs besides its address. */
export interface ServerOptions {
  readonly state: () => AgentState;
  readonly health: () => Health;
  /** Called with the reason when it cannot serve, and with null when it can again. */
  readonly onChange: (error: string | null) => void;
  readonly retryMilliseconds: number;
}

export interface RetriedServer {
  /** Why it does not serve, or null if it does. */
  readonly error: () => string | null;
  close(): Promise<void>;
}

interface Attempts extends Pick<ServerOptions, 'onChange' | 'retryMilliseconds'> {
  /** Resolves when the server serves, and rejects with the reason when it does not. */
  readonly attempt: () => Promise<void>;
  /** Closes the server, if there is one. */
  readonly close: () => Promise<void> | undefined;
}

/**
 * Keeps trying, one attempt at a time, and reports each change once. No error ends the process: an
 * instance whose process does not run stops the deploy of every other job on it.
 */
export function keepTrying({
  attempt,
  close,
  onChange,
  retryMilliseconds,
}: Attempts): RetriedServer & {
  readonly retry: () => Promise<void>;
} {
  let error: string | null = null;
  let running: Promise<void> | null = null;
  const report = (now: string | null): void => {
    if (now !== error) onChange(now);
    error = now;
  };
  const attemptOnce = async (): Promise<void> => {
    try {
      await attempt();
      report(null);
    } catch (failed) {
      report(failed instanceof Error ? failed.message : String(failed));
    }
    running = null;
  };
  const retry = (): Promise<void> => (running ??= attemptOnce());
  const timer = setInterval(() => void retry(), retryMilliseconds).unref();
  return {
    error: () => error,
    retry,
    close: async () => {
      clearInterval(timer);
      await running;
      await close();
    },
  };
}
