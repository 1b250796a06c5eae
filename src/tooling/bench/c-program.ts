import { execaSync } from 'execa';

/** One round of the C program: what it took, in milliseconds, and what it found, to be compared with what we find. */
export interface CRound {
  readonly read: number;
  readonly parse: number;
  readonly found: number;
}

/** Runs the compiled kernel-reads.c; see there for the jobs. */
export function runC(
  program: string,
  job: 'mountinfo' | 'flat' | 'walk',
  path: string,
  rounds: number,
): readonly CRound[] {
  const { stdout } = execaSync(program, [job, path, `${rounds}`]);
  return stdout.split('\n').map((line) => {
    const [read = 0, parse = 0, found = 0] = line.split(' ').map(Number);
    return { read: read / 1e6, parse: parse / 1e6, found };
  });
}
