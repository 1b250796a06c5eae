import { sourceFiles } from './source-files.ts';
import type { Step, StepResult } from './run-steps.ts';
import { runTestFiles, type Limits, type RanTests, type TestRun } from './test-workers.ts';

/** One test may take three minutes. */
const LIMITS: Limits = { silentMilliseconds: 240_000, endMilliseconds: 20_000 };
/** More would disturb each other, because most tests start processes. */
const JOBS = 2;

const isLive = (file: string): boolean => file.startsWith('test/live/');
const isLinear = (file: string): boolean => file.startsWith('test/linear/');
const testFiles = (): readonly string[] =>
  [...sourceFiles('test'), ...sourceFiles('spec')].filter((file) => file.endsWith('.test.ts'));

export const mochaSteps: readonly Step[] = [
  // Alone, because on a busy machine a linear function can look quadratic.
  step('linear tests', isLinear, 1),
  step('tests', (file) => !isLive(file) && !isLinear(file), JOBS),
  // One by one, because they share the kernel.
  step('live tests', isLive, 1),
];

function step(name: string, isOfStep: (file: string) => boolean, jobs: number): Step {
  return {
    name,
    run: async (stop, say) => {
      const files = testFiles().filter(isOfStep);
      // Omit the list of suites, because there are hundreds.
      const { ran: _, ...result } = judge(
        await runTestFiles({ files, jobs, stop, say, limits: LIMITS }),
      );
      return result;
    },
  };
}

/** Runs test files one after the other, and lists each suite in `ran`. */
export async function runMocha(
  files: readonly string[],
  stop: AbortSignal,
  say: TestRun['say'],
): Promise<StepResult> {
  return judge(await runTestFiles({ files, jobs: 1, stop, say, limits: LIMITS }));
}

export function judge({ files, broken, output }: RanTests): StepResult {
  const outcomes = files.map(({ outcome }) => outcome);
  const count = (key: 'passed' | 'failed'): number =>
    outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const passed = count('passed');
  const failed = count('failed');
  const complaints = passed + failed + skipped.length === 0 ? [...broken, 'no test ran'] : broken;
  return {
    passed,
    failed: failed + complaints.length,
    skipped,
    detail: `${passed} passed in ${files.length} files`,
    output: [output.trimEnd(), ...complaints].join('\n'),
    ran: outcomes
      .flatMap(({ suites }) => suites)
      .map((suite) => `${String(suite.passed).padStart(3)} passed: ${suite.title}`),
    files,
  };
}
