import { execa } from 'execa';
import type { Cell } from './cell.ts';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const DEADLINE_MILLISECONDS = 600_000;

/** Runs a command in the cell's namespaces and cgroups, as somebody who logged in to it would. */
export async function runInCell(
  cell: Pick<Cell, 'enter'>,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const [file = 'nsenter', ...before] = cell.enter;
  const result = await execa(file, [...before, ...command], {
    env,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    timeout: DEADLINE_MILLISECONDS,
  });
  return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? 2 };
}
