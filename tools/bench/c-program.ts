import path from 'node:path';
import { execa, execaSync } from 'execa';
import { root } from '../bootstrap/place.mjs';

const SOURCE = path.join(root, 'tools/bench/kernel-reads.c');

/** One round of the C program: what it took, in milliseconds, and what it found, to be compared with what we find. */
export interface CRound {
  readonly read: number;
  readonly parse: number;
  readonly found: number;
}

/** The compiled program in this directory; null, with a word about it, where it cannot be compiled. */
export async function compileC(directory: string): Promise<string | null> {
  const program = path.join(directory, 'kernel-reads');
  const compiled = await execa('gcc', ['-O2', '-o', program, SOURCE], { reject: false });
  if (!compiled.failed) return program;
  const why =
    compiled.code === 'ENOENT'
      ? 'gcc is not here; on Debian: apt-get install gcc libc6-dev'
      : `gcc did not compile it: ${compiled.stderr || compiled.shortMessage}`;
  process.stderr.write(`rollcall: nothing is compared with C: ${why}\n`);
  return null;
}

/** See kernel-reads.c for the jobs. */
export function runC(
  program: string,
  job: 'mountinfo' | 'flat' | 'walk',
  file: string,
  rounds: number,
): readonly CRound[] {
  const { stdout } = execaSync(program, [job, file, `${rounds}`]);
  return stdout.split('\n').map((line) => {
    const [read = 0, parse = 0, found = 0] = line.split(' ').map(Number);
    return { read: read / 1e6, parse: parse / 1e6, found };
  });
}
