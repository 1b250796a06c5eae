import type { Step, StepResult } from './step.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs each step, although an earlier one failed, and prints what it found. A signal ends the step that is under way, and then this
 * process.
 * @returns 0, or 1 if a test failed, none was run or nobody reads on
 */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  const stop = new AbortController();
  const stoppedBy: NodeJS.Signals[] = [];
  const noteStop = (signal: NodeJS.Signals): void => {
    stoppedBy.push(signal);
    stop.abort();
  };
  // Not `once`: execa watches signals too, and ends this process at once when it finds itself the only listener.
  for (const signal of SIGNALS) process.on(signal, noteStop);
  // `npm test | head`: nobody reads on, so there is nothing left to find out.
  process.stdout.on('error', () => {
    stop.abort();
  });
  const results: StepResult[] = [];
  for (const step of steps) {
    const result = await runOne(step, stop.signal);
    // A step that was cut short says nothing.
    if (stop.signal.aborted) break;
    results.push(result);
  }
  for (const signal of SIGNALS) process.off(signal, noteStop);
  const [signal] = stoppedBy;
  if (signal !== undefined) process.kill(process.pid, signal);
  return stop.signal.aborted ? 1 : printSum(results);
}

async function runOne(step: Step, stop: AbortSignal): Promise<StepResult> {
  const startedAt = performance.now();
  if (process.stdout.isTTY) process.stdout.write(`     ${step.name} …\r`);
  const result = await step.run(stop).catch(crashed);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (stop.aborted) return result;
  const mark = result.failed === 0 ? 'ok  ' : 'FAIL';
  print(`${mark} ${step.name.padEnd(10)} ${result.detail} (${seconds} s)`);
  for (const line of result.ran ?? []) print(`       ${line}`);
  if (result.failed > 0) print(`${result.output.trimEnd()}\n`);
  return result;
}

/** A gate that broke down has not been passed. */
function crashed(error: unknown): StepResult {
  const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { passed: 0, failed: 1, skipped: [], detail: 'the step itself broke down', output };
}

function printSum(results: readonly StepResult[]): number {
  const skipped = results.flatMap((result) => result.skipped);
  for (const [reason, tests] of Map.groupBy(skipped, (test) => test.reason)) {
    print(`\nskipped, ${reason}:`);
    for (const { title } of tests) print(`  ${title}`);
  }
  const passed = sum(results.map((result) => result.passed));
  const failed = sum(results.map((result) => result.failed));
  print(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
