const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A log that is silent for longer looks like a hang. */
const SILENT_MILLISECONDS = 10_000;

/**
 * Runs every step, even after a failure, and prints the results. A signal ends the current steps,
 * and then this process.
 * @param leftOut lines about what was not to run, for the summary
 * @returns 0, or 1 if a test failed, none ran, or stdout was closed
 */
export async function runSteps(
  steps: readonly Step[],
  leftOut: readonly string[] = [],
): Promise<number> {
  const stop = new AbortController();
  const stoppedBy: NodeJS.Signals[] = [];
  const noteStop = (signal: NodeJS.Signals): void => {
    stoppedBy.push(signal);
    stop.abort();
  };
  // Not `once`: execa listens too, and ends this process if it is the only listener.
  for (const signal of SIGNALS) process.on(signal, noteStop);
  // For example by `npm test | head`.
  process.stdout.on('error', () => stop.abort());
  const results: TimedResult[] = [];
  // Small ones at once, then each of the others alone.
  for (const group of Map.groupBy(steps, ({ isSmall, name }) => isSmall ?? name).values()) {
    const ended = await runGroup(group, stop.signal);
    // An interrupted step has no result.
    if (stop.signal.aborted) break;
    results.push(...ended);
  }
  for (const signal of SIGNALS) process.off(signal, noteStop);
  const [signal] = stoppedBy;
  if (signal !== undefined) process.kill(process.pid, signal);
  if (stop.signal.aborted) return 1;
  const { lines, isPassed } = summary(results, leftOut);
  lines.forEach(print);
  return isPassed ? 0 : 1;
}

async function runGroup(
  steps: readonly Step[],
  stop: AbortSignal,
): Promise<readonly TimedResult[]> {
  const began = performance.now();
  const names = steps.map(({ name }) => name).join(', ');
  let how = '';
  const ticking = setInterval(() => {
    print(`     ${names}: ${seconds({ milliseconds: performance.now() - began })}${how}`);
  }, SILENT_MILLISECONDS);
  const say = ({ done, total, tests, file }: Progress): void => {
    how = `, ${done}/${total} files, ${tests} tests: ${file}`;
  };
  const run = async (step: Step): Promise<TimedResult> => {
    // The line is one for all of them.
    const result = await step.run(stop, steps.length === 1 ? say : () => undefined).catch(crashed);
    const timed = { ...result, name: step.name, milliseconds: performance.now() - began };
    if (!stop.aborted) printResult(timed);
    return timed;
  };
  const results = await Promise.all(steps.map(run));
  clearInterval(ticking);
  return results;
}

function printResult({ name, milliseconds, failed, detail, output }: TimedResult): void {
  const mark = failed === 0 ? 'ok  ' : 'FAIL';
  print(`${mark} ${name.padEnd(12)} ${detail} (${(milliseconds / 1000).toFixed(1)} s)`);
  if (failed > 0) print(`${output.trimEnd()}\n`);
}

function crashed(error: unknown): StepResult {
  const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { passed: 0, failed: 1, skipped: [], detail: 'the step itself failed', output };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The result of a step. `detail` is on the step's line; `output` follows below after a failure. */
export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
  readonly detail: string;
  readonly output: string;
  readonly files?: readonly {
    readonly file: string;
    readonly milliseconds: number;
    readonly cpuMilliseconds: number;
  }[];
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly tests: number;
  readonly file: string;
}

export interface Step {
  readonly name: string;
  /** Needs little memory and at most one processor, so that several run at once. */
  readonly isSmall?: boolean;
  /** @param stop aborted when the user interrupts the run */
  readonly run: (stop: AbortSignal, say: (progress: Progress) => void) => Promise<StepResult>;
}

export function oneTest(passed: boolean, detail: string, output: string): StepResult {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [], detail, output };
}

export interface TimedResult extends StepResult {
  readonly name: string;
  readonly milliseconds: number;
}

const MAX_TITLES = 3;
const NAMED_FILES = 5;

/** Ends with `N passed, N failed, N skipped`. A run in which no test passed has failed. */
export function summary(
  results: readonly TimedResult[],
  leftOut: readonly string[] = [],
): { readonly lines: readonly string[]; readonly isPassed: boolean } {
  const skipped = results.flatMap((result) => result.skipped);
  const passed = results.reduce((total, result) => total + result.passed, 0);
  const failed = results.reduce((total, result) => total + result.failed, 0);
  return {
    lines: [
      ...leftOut,
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
  const dearest = files.map(({ file, cpuMilliseconds: milliseconds }) => ({ file, milliseconds }));
  const steps = results.toSorted(slowestFirst);
  return [
    `time: ${steps.map((step) => `${step.name} ${seconds(step)}`).join(', ')}`,
    `slowest files: ${firstOf(files)}`,
    `most CPU time: ${firstOf(dearest)}`,
  ];
}

const firstOf = (files: readonly (Timed & { readonly file: string })[]): string =>
  files
    .toSorted(slowestFirst)
    .slice(0, NAMED_FILES)
    .map((each) => `${each.file} ${seconds(each)}`)
    .join(', ');

type Timed = { readonly milliseconds: number };

const slowestFirst = (one: Timed, other: Timed): number => other.milliseconds - one.milliseconds;
const seconds = ({ milliseconds }: Timed): string => `${Math.round(milliseconds / 1000)} s`;
