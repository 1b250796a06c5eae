import type { parseArgs, ParseArgsOptionsConfig } from 'node:util';
import { finish } from '../src/terminal/failing.ts';
import { processIo } from '../src/terminal/io.ts';
import { typedOptions } from '../src/terminal/options.ts';

type Given<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ readonly options: T }>
>['values'];

/**
 * Runs the tool behind an npm script. Ends like every command: a known failure is one line and exit
 * code 2.
 * @param options as parseArgs of node:util takes them
 * @param run gets what was typed; its result is the exit code, 0 without one
 */
export async function runTool<T extends ParseArgsOptionsConfig>(
  options: T,
  run: (given: Given<T>) => Promise<number | void> | number | void,
): Promise<void> {
  const exitCode = async (): Promise<number> => (await run(typedOptions(options))) ?? 0;
  process.exitCode = await finish(exitCode, processIo);
}

/** Without the result of a write, which would be the exit code. */
export const print = (line: string): void => {
  processIo.stdout(`${line}\n`);
};
