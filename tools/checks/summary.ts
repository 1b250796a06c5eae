import type { StepResult } from './step.ts';

export interface TimedResult extends StepResult {
  readonly name: string;
  readonly milliseconds: number;
}

const MAX_TITLES = 3;
const SLOWEST_FILES = 5;

/** What a whole run found; the last line is `N passed, N failed, N skipped`. A run in which nothing passed has failed. */
export function summary(results: readonly TimedResult[]): {
  readonly lines: readonly string[];
  readonly isPassed: boolean;
} {
  const skipped = results.flatMap((result) => result.skipped);
  const passed = results.reduce((total, result) => total + result.passed, 0);
  const failed = results.reduce((total, result) => total + result.failed, 0);
  return {
    lines: [
      ...skipLines(skipped),
      ...timeLines(results),
      `${passed} passed, ${failed} failed, ${skipped.length} skipped`,
    ],
    isPassed: failed === 0 && passed > 0,
  };
}

function skipLines(skipped: StepResult['skipped']): readonly string[] {
  return [...Map.groupBy(skipped, (test) => test.reason)].map(([reason, tests]) => {
    const titles = tests.slice(0, MAX_TITLES).map(({ title }) => title);
    const more = tests.length - titles.length;
    const named = [...titles, ...(more > 0 ? [`${more} more`] : [])].join('; ');
    return `skipped ${tests.length}, ${reason}: ${named}`;
  });
}

function timeLines(results: readonly TimedResult[]): readonly string[] {
  const files = results.flatMap((result) => result.files ?? []);
  if (files.length === 0) return [];
  const slowest = files.toSorted(slowestFirst).slice(0, SLOWEST_FILES);
  const steps = results.toSorted(slowestFirst);
  return [
    `time: ${steps.map((step) => `${step.name} ${seconds(step)}`).join(', ')}`,
    `slowest files: ${slowest.map((each) => `${each.file} ${seconds(each)}`).join(', ')}`,
  ];
}

interface Timed {
  readonly milliseconds: number;
}

const slowestFirst = (one: Timed, other: Timed): number => other.milliseconds - one.milliseconds;
const seconds = ({ milliseconds }: Timed): string => `${Math.round(milliseconds / 1000)} s`;
