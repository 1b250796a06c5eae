import { ProgressLine, type Output } from './progress-line.ts';
import type { Step, StepResult } from './step.ts';
import { summary, type TimedResult } from './summary.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const TICK_MILLISECONDS = 1000;

const stdout: Output = {
  isTty: process.stdout.isTTY,
  write: (text) => process.stdout.write(text),
  now: () => performance.now(),
};

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
  const results: TimedResult[] = [];
  for (const step of steps) {
    const result = await runOne(step, stop.signal);
    // A step that was cut short says nothing.
    if (stop.signal.aborted) break;
    results.push(result);
  }
  for (const signal of SIGNALS) process.off(signal, noteStop);
  const [signal] = stoppedBy;
  if (signal !== undefined) process.kill(process.pid, signal);
  if (stop.signal.aborted) return 1;
  const { lines, isPassed } = summary(results);
  lines.forEach(print);
  return isPassed ? 0 : 1;
}

async function runOne(step: Step, stop: AbortSignal): Promise<TimedResult> {
  const startedAt = performance.now();
  const progress = new ProgressLine(step.name, stdout);
  const ticking = setInterval(() => progress.tick(), TICK_MILLISECONDS);
  const result = await step.run(stop, (how) => progress.show(how)).catch(crashed);
  clearInterval(ticking);
  progress.end();
  const milliseconds = performance.now() - startedAt;
  const timed: TimedResult = { ...result, name: step.name, milliseconds };
  if (stop.aborted) return timed;
  const mark = result.failed === 0 ? 'ok  ' : 'FAIL';
  print(`${mark} ${step.name.padEnd(12)} ${result.detail} (${(milliseconds / 1000).toFixed(1)} s)`);
  for (const line of result.ran ?? []) print(`       ${line}`);
  if (result.failed > 0) print(`${result.output.trimEnd()}\n`);
  return timed;
}

/** A gate that broke down has not been passed. */
function crashed(error: unknown): StepResult {
  const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { passed: 0, failed: 1, skipped: [], detail: 'the step itself broke down', output };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
