import type { TestOutcome } from './worker-messages.ts';

/** What one step of the run found. `detail` is printed with the step's line, `output` below it where something failed. */
export interface StepResult extends Omit<TestOutcome, 'suites'> {
  readonly detail: string;
  readonly output: string;
  /** What ran, for whom it is worth lines of its own. */
  readonly ran?: readonly string[];
  /** How long each file took, where the step runs files. */
  readonly files?: readonly { readonly file: string; readonly milliseconds: number }[];
}

/** How far a step is. */
export interface Progress {
  /** Files that have ended. */
  readonly done: number;
  readonly total: number;
  /** Tests that have begun. */
  readonly tests: number;
  /** The one that begins. */
  readonly file: string;
}

export interface Step {
  readonly name: string;
  /** @param stop aborted when the user wants the run to end */
  readonly run: (stop: AbortSignal, say: (progress: Progress) => void) => Promise<StepResult>;
}

/** A tool that only says yes or no counts as one test. */
export function oneTest(passed: boolean, detail: string, output: string): StepResult {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [], detail, output };
}
