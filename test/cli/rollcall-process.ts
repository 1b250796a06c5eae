import { execa } from 'execa';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** `rollcall` in a process of its own, its output in pipes. */
export async function rollcall(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...args], {
    env,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    timeout: 60_000,
  });
  return { code: exitCode, stdout, stderr };
}

/** A stack trace of V8: `    at name (file:///…:1:2)`. */
export const STACK_TRACE = /^\s+at .*:\d+:\d+\)?$/m;
