import type { UnknownCause } from '../model/report.ts';

/**
 * The kind of cause that stands reported after a pass. Garden's absence begins and ends none: while it lasts, nobody knows whether
 * the cause before it is over.
 */
export const reportedCauseAfter = (
  before: string | null,
  now: UnknownCause | null,
): string | null => (now?.kind === 'garden-unavailable' ? before : (now?.kind ?? null));
