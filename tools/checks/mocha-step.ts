import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTool } from './run-tool.ts';
import { sourceFiles } from './source-files.ts';
import type { Step, StepResult } from './step.ts';
import { parseTestOutcome, type TestOutcome } from './test-outcome.ts';

/** Of one step; they take about four and five on two idle cores. What hangs ends by the limits of each test long before. */
const MAX_MINUTES = 40;

const isLive = (file: string): boolean => file.startsWith('test/live/');
const testFiles = (): readonly string[] =>
  [...sourceFiles('test'), ...sourceFiles('spec')].filter((file) => file.endsWith('.test.ts'));

export const mochaSteps: readonly Step[] = [
  {
    name: 'tests',
    run: (stop) =>
      counted(
        testFiles().filter((file) => !isLive(file)),
        stop,
      ),
  },
  {
    // In a process of their own and one after the other: they share the machine's one kernel.
    name: 'live tests',
    run: (stop) => counted(testFiles().filter(isLive), stop),
  },
];

/** There are hundreds of suites. */
async function counted(files: readonly string[], stop: AbortSignal): Promise<StepResult> {
  const { ran: _, ...result } = await runMocha(files, stop);
  return result;
}

/** Runs some test files; the reporter counts. `ran`: a line for each suite, for whom it is worth one. */
export async function runMocha(
  files: readonly string[],
  stop: AbortSignal,
): Promise<StepResult & { readonly ran: readonly string[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-tests-'));
  try {
    const outcomeFile = path.join(folder, 'outcome.json');
    const args = ['--forbid-only', '--reporter', 'test/reporter.ts'];
    const { succeeded, output } = await runTool(
      'node_modules/mocha/bin/mocha.js',
      [...args, '--reporter-option', `outcome=${outcomeFile}`, ...files],
      stop,
      MAX_MINUTES,
    );
    return judge(readOutcome(outcomeFile), files.length, succeeded, output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge(
  outcome: TestOutcome | null,
  fileCount: number,
  succeeded: boolean,
  output: string,
): StepResult & { readonly ran: readonly string[] } {
  const suites = outcome?.suites ?? [];
  const ran = suites.map(({ title, passed }) => `${String(passed).padStart(3)} passed: ${title}`);
  const fail = (detail: string) => ({
    ran,
    passed: outcome?.passed ?? 0,
    failed: (outcome?.failed ?? 0) + 1,
    skipped: outcome?.skipped ?? [],
    detail,
    output,
  });
  if (outcome === null) return fail('mocha ended before its tests did');
  if (outcome.passed + outcome.failed + outcome.skipped.length === 0) return fail('no test ran');
  // Mocha can fail beside its tests: an error after the last one, a test.only that is forbidden.
  if (!succeeded && outcome.failed === 0) return fail('every test passed and yet mocha failed');
  const { passed, failed, skipped } = outcome;
  return { ran, passed, failed, skipped, detail: `${passed} passed in ${fileCount} files`, output };
}

function readOutcome(file: string): TestOutcome | null {
  try {
    return parseTestOutcome(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
