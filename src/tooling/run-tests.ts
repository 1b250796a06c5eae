// `npm test`: every gate of the project, each one run although an earlier one failed. Arguments choose among the steps by name.
import { layersStep } from './checks/layers-step.ts';
import { mochaSteps } from './checks/mocha-step.ts';
import { staticSteps } from './checks/static-steps.ts';
import type { Step, StepResult } from './checks/step.ts';

const allSteps: readonly Step[] = [...staticSteps, layersStep, ...mochaSteps];

const stop = new AbortController();
let stoppedBy: NodeJS.Signals | null = null;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// Not `once`: execa watches signals too, and ends this process at once when it finds itself the only listener.
for (const signal of signals) process.on(signal, noteStop);

// `npm test | head`: nobody reads on, so there is nothing left to find out.
process.stdout.on('error', () => {
  stop.abort();
  process.exitCode = 1;
});

const steps = chosenSteps(process.argv.slice(2));
if (steps === null) process.exitCode = 2;
else await runAll(steps);

async function runAll(chosen: readonly Step[]): Promise<void> {
  const results: StepResult[] = [];
  for (const step of chosen) {
    const result = await runOne(step);
    // A step that was cut short says nothing.
    if (stop.signal.aborted) break;
    results.push(result);
  }
  if (stop.signal.aborted) {
    for (const signal of signals) process.off(signal, noteStop);
    if (stoppedBy !== null) process.kill(process.pid, stoppedBy);
    return;
  }
  const skipped = results.flatMap((result) => result.skipped);
  printSkipped(skipped);
  const passed = sum(results.map((result) => result.passed));
  const failed = sum(results.map((result) => result.failed));
  if (failed > 0 || passed === 0) process.exitCode = 1;
  print(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
}

function noteStop(signal: NodeJS.Signals): void {
  stoppedBy ??= signal;
  stop.abort();
}

function printSkipped(skipped: StepResult['skipped']): void {
  for (const [reason, tests] of Map.groupBy(skipped, (test) => test.reason)) {
    print(`\nskipped, ${reason}:`);
    for (const { title } of tests) print(`  ${title}`);
  }
}

async function runOne(step: Step): Promise<StepResult> {
  const startedAt = performance.now();
  if (process.stdout.isTTY) process.stdout.write(`     ${step.name} …\r`);
  const result = await step.run(stop.signal).catch(crashed);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (stop.signal.aborted) return result;
  const mark = result.failed === 0 ? 'ok  ' : 'FAIL';
  print(`${mark} ${step.name.padEnd(10)} ${result.detail} (${seconds} s)`);
  if (result.failed > 0) print(`${result.output.trimEnd()}\n`);
  return result;
}

/** A gate that broke down has not been passed. */
function crashed(error: unknown): StepResult {
  const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { passed: 0, failed: 1, skipped: [], detail: 'the step itself broke down', output };
}

function chosenSteps(names: readonly string[]): readonly Step[] | null {
  const unknown = names.find((name) => !allSteps.some((step) => step.name === name));
  if (unknown === undefined) {
    return names.length === 0 ? allSteps : allSteps.filter((step) => names.includes(step.name));
  }
  const known = allSteps.map((step) => `"${step.name}"`).join(', ');
  process.stderr.write(`rollcall: no step "${unknown}": use any of ${known}, or none for all\n`);
  return null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
