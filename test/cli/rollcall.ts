import { expect } from 'chai';
import { execa } from 'execa';
import { rollcall as runTyped } from '../../src/cli/commands.ts';
import { finish } from '../../src/terminal/failing.ts';
import type { Io } from '../../src/terminal/io.ts';
import { expectDocumented } from '../json-schemas.ts';
import { keptStreams } from '../kept-streams.ts';
import { PROGRAM } from '../rollcall-program.ts';

export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command, as its process would end. */
export async function ran(
  command: (io: Io) => Promise<number>,
  change: Partial<Io> = {},
): Promise<Ran> {
  const { written, ...streams } = keptStreams();
  const io: Io = { ...streams, isTty: false, columns: 80, env: {}, ...change };
  const code = await finish(() => command(io), io);
  return { code, ...written };
}

/**
 * What was typed, in this process. `--help` and `--version` need their own: yargs writes them
 * itself.
 */
export async function typed(args: readonly string[], change: Partial<Io> = {}): Promise<Ran> {
  const result = await ran((io) => runTyped(args, io), change);
  expectDocumented(args, result.stdout);
  return result;
}

/** What was typed, in a process of its own, its output in pipes. */
export async function rollcall(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [PROGRAM, ...args], {
    env,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    timeout: 60_000,
  });
  expectDocumented(args, stdout);
  return { code: exitCode, stdout, stderr };
}

/** One line that says what to do, nothing else, and exit 2. */
export function expectRefused(
  { code, stdout, stderr }: Ran,
  ...says: readonly (string | RegExp)[]
) {
  for (const part of says) {
    if (typeof part === 'string') expect(stderr).to.contain(part);
    else expect(stderr).to.match(part);
  }
  expect(stderr).to.match(/^rollcall: [^\n]+\n$/);
  expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
}

/** A stack trace of V8: `    at name (file:///…:1:2)`. */
export const STACK_TRACE = /^\s+at .*:\d+:\d+\)?$/m;
