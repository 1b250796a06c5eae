import type { Timing } from './samples.ts';

/** A limit that was set beforehand, and how it came out. */
export interface Goal {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** One table of the result. */
export interface Section {
  readonly title: string;
  /** What was measured, in sentences. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
}

/** A measurement that this machine does not allow. */
export interface Skipped {
  readonly title: string;
  readonly why: string;
}

export const isSkipped = (part: Section | Skipped): part is Skipped => 'why' in part;

export const ratioGoal = (what: string, ratio: number, most: number): Goal => ({
  what,
  limit: `≤ ${most} × C`,
  measured: `${ratio.toFixed(2)} × C`,
  isMet: ratio <= most,
});

export const timeGoal = (what: string, { median }: Timing, most: number): Goal => ({
  what,
  limit: `≤ ${most} ms`,
  measured: `${milliseconds(median)} ms`,
  isMet: median <= most,
});

/** Median and, in brackets, the least disturbed run. */
export const timingText = ({ median, least }: Timing): string =>
  `${milliseconds(median)} (${milliseconds(least)})`;

export const milliseconds = (value: number): string =>
  value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
