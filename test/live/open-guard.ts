import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

const SOURCE = fileURLToPath(new URL('open-guard.c', import.meta.url));

export async function needsOpenGuard(context: Mocha.Context): Promise<string> {
  const program = join(temporaryFolder(), 'open-guard');
  const { exitCode } = await execa('gcc', ['-O1', '-o', program, SOURCE], { reject: false });
  if (exitCode !== 0) skip(context, 'needs gcc');
  return program;
}

/**
 * Until the end of the test, decides about each open in these directories, and of them. Whoever
 * opens something there, be it the test, hangs in the kernel meanwhile.
 */
export async function startOpenGuard(program: string, args: readonly string[]) {
  const guard = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  // Its end lets everybody go on.
  const release = (): void => void guard.kill('SIGKILL');
  atEndOfTest(release);
  const lines: string[] = [];
  createInterface({ input: guard.stdout }).on('line', (line) => lines.push(line));
  await waitFor('the guard', () => lines.includes('ready') || guard.exitCode !== null);
  if (guard.exitCode !== null) throw new Error(`the guard ended with ${guard.exitCode}`);
  return {
    release,
    /** The pids of the processes that wait, or waited, for it. */
    waiting: (): readonly number[] => lines.flatMap((line) => Number(line) || []),
  };
}
