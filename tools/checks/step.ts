import type { TestOutcome } from './test-outcome.ts';

/** What one step of the run found. `detail` is printed with the step's line, `output` below it where something failed. */
export interface StepResult extends Omit<TestOutcome, 'suites'> {
  readonly detail: string;
  readonly output: string;
  /** What ran, for whom it is worth lines of its own. */
  readonly ran?: readonly string[];
}

export interface Step {
  readonly name: string;
  /** @param stop aborted when the user wants the run to end */
  readonly run: (stop: AbortSignal) => Promise<StepResult>;
}

/** A tool that only says yes or no counts as one test. */
export function oneTest(passed: boolean, detail: string, output: string): StepResult {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [], detail, output };
}
