import type { Result } from 'execa';

type Ended = Pick<Result<{ reject: false }>, 'timedOut' | 'durationMs' | 'shortMessage'>;

/**
 * Why a program failed: that it was stopped after its time, what it said, or how it ended.
 * @param said the part of its output that names the cause; empty: it named none
 */
export function whyFailed({ timedOut, durationMs, shortMessage }: Ended, said: string): string {
  if (timedOut) return `it was still running after ${Math.round(durationMs / 1000)} s`;
  if (said.trim() !== '') return said.trim();
  return shortMessage ?? 'it ended without an error';
}
