import type { Result } from 'execa';
import { CodedFailure } from '../src/model/failure.ts';

/** The codes of the tools' failures. The product does not include them. */
type ToolFailureCode =
  | 'RELEASE_INVALID'
  | 'RELEASE_BLOB'
  | 'RELEASE_BUILD'
  | 'MINI_BOSH_FAILED'
  | 'DASHBOARD_EXPORT'
  | 'RUNTIME_CONFIG'
  | 'TILE_BUILD'
  | 'EXECUTABLE_BUILD'
  | 'PROOF_UNREADABLE'
  | 'VM_FAILED';

export class ToolFailure extends CodedFailure<ToolFailureCode> {}

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
