import type { CouldNotTell } from '../model/report.ts';

/**
 * The kind of trouble that stands told after a pass. Garden's absence begins and ends none: while it lasts, nobody knows whether
 * the trouble before it is over.
 */
export const troubleToldAfter = (before: string | null, now: CouldNotTell | null): string | null =>
  now?.kind === 'garden-unavailable' ? before : (now?.kind ?? null);
