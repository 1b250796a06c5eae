import { KnownFailure } from '../model/failure.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** `2s`, `500ms`, `1m`, or a bare number of seconds, as milliseconds. */
export function durationOption(text: string, option: string, most: number): number {
  const [, digits, unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(text.trim()) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isFinite(milliseconds) || milliseconds > most) {
    throw new KnownFailure(
      'USAGE',
      `${option} needs a time such as 2s, 500ms or 1m, at most ${most / 1000}s.`,
    );
  }
  return milliseconds;
}
