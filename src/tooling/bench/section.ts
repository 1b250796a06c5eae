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

/** `ours` is at most `most` times `theirs`. */
export function ratioGoal(what: string, ours: Timing, theirs: Timing, most: number): Goal {
  const ratio = ours.median / theirs.median;
  return {
    what,
    limit: `≤ ${most} × C`,
    measured: `${ratio.toFixed(2)} × C`,
    isMet: ratio <= most,
  };
}

export const timeGoal = (what: string, { median }: Timing, most: number): Goal => ({
  what,
  limit: `≤ ${most} ms`,
  measured: `${milliseconds(median)} ms`,
  isMet: median <= most,
});

/** Times as much for each thing where there are many; a quadratic growth from 250 to 5,000 would be 20. */
const MOST_GROWTH = 2;

export function growthGoal(
  what: string,
  few: { readonly count: number; readonly timing: Timing },
  many: { readonly count: number; readonly timing: Timing },
): Goal {
  const growth = many.timing.median / many.count / (few.timing.median / few.count);
  const grouped = (count: number): string => count.toLocaleString('en');
  return {
    what: `${what}: linear, a container at ${grouped(many.count)} beside one at ${grouped(few.count)}`,
    limit: `≤ ${MOST_GROWTH} ×`,
    measured: `${growth.toFixed(2)} ×`,
    isMet: growth <= MOST_GROWTH,
  };
}

/** Median and, in brackets, the least disturbed run. */
export const timingText = ({ median, least }: Timing): string =>
  `${milliseconds(median)} (${milliseconds(least)})`;

export const ratioText = (ours: Timing, theirs: Timing): string =>
  (ours.median / theirs.median).toFixed(2);

export const milliseconds = (value: number): string =>
  value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
