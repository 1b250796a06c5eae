import type { Step, StepResult } from './run-steps.ts';
import { LONE_FILES } from './test-files.ts';
import {
  runTestFiles,
  type Batch,
  type Limits,
  type RanTests,
  type TestFile,
  type TestRun,
} from './test-workers.ts';

/** One test may take three minutes. */
const LIMITS: Limits = { silentMilliseconds: 240_000, endMilliseconds: 20_000 };
/** More would disturb each other, because most tests start processes. */
const JOBS = 2;
/** They mostly wait: for processes, for a pass, for the end of a grace period. */
const LIVE_JOBS = 4;

const isLive = (file: string): boolean => file.startsWith('test/live/');
const isLinear = (file: string): boolean => file.startsWith('test/linear/');

/** The steps that run these test files; a step without files is omitted. */
export function mochaSteps(files: readonly TestFile[]): readonly Step[] {
  const together = files.filter(({ file }) => isLive(file) && !LONE_FILES.has(file));
  return [
    // Alone, because on a busy machine a linear function can look quadratic.
    step('linear tests', [{ files: files.filter(({ file }) => isLinear(file)), jobs: 1 }]),
    step('tests', [
      { files: files.filter(({ file }) => !isLive(file) && !isLinear(file)), jobs: JOBS },
    ]),
    step('live tests', [
      { files: together, jobs: LIVE_JOBS },
      { files: files.filter(({ file }) => LONE_FILES.has(file)), jobs: 1 },
    ]),
  ].filter((one) => one !== null);
}

function step(name: string, batches: readonly Batch[]): Step | null {
  if (batches.every((batch) => batch.files.length === 0)) return null;
  return {
    name,
    run: async (stop, say) => {
      // Omit the list of suites, because there are hundreds.
      const { ran: _, ...result } = judge(
        await runTestFiles({ batches, stop, say, limits: LIMITS }),
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
  const whole = files.map((file) => ({ file, story: null }));
  const batches = [{ files: whole, jobs: 1 }];
  return judge(await runTestFiles({ batches, stop, say, limits: LIMITS }));
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
