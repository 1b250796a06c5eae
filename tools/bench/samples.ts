import path from 'node:path';
import { execa, execaSync } from 'execa';
import { root } from '../bootstrap/place.mjs';

/** Many measurements of one task, in milliseconds. */
export type Timing = { readonly median: number; readonly least: number };

export function timingOf(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? upper);
  return { median: (lower + upper) / 2, least: sorted[0] ?? Number.NaN };
}

/** The median of the ratios of rounds: a disturbance that outlasts a round affects both sides. */
export function ratioOf(
  ours: readonly number[],
  theirs: readonly number[],
  rounds: number,
): number {
  const inRound = (samples: readonly number[], round: number): number => {
    const size = samples.length / rounds;
    return timingOf(samples.slice(round * size, (round + 1) * size)).median;
  };
  const ratios = Array.from(
    { length: rounds },
    (_, round) => inRound(ours, round) / inRound(theirs, round),
  );
  return timingOf(ratios).median;
}

/** The CPU time of this process. The reads never wait, so it is their duration on an idle machine. */
export function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Repeats the work until it is compiled, because an agent runs for weeks. */
export function warmUp(work: () => unknown, milliseconds = 1000): void {
  const start = cpuNow();
  while (cpuNow() - start < milliseconds) work();
}

const SOURCE = path.join(root, 'tools/bench/kernel-reads.c');

/** One round of the C program: its CPU time in milliseconds, and what it found, to be compared. */
export interface CRound {
  readonly read: number;
  readonly parse: number;
  readonly found: number;
}

/** @returns the program, compiled in this directory */
export async function compileC(directory: string): Promise<string> {
  const program = path.join(directory, 'kernel-reads');
  await execa('gcc', ['-O2', '-o', program, SOURCE]);
  return program;
}

/** See kernel-reads.c for the jobs. */
export function runC(
  program: string,
  job: 'mountinfo' | 'walk',
  file: string,
  rounds: number,
): readonly CRound[] {
  const { stdout } = execaSync(program, [job, file, `${rounds}`]);
  return stdout.split('\n').map((line) => {
    const [read = 0, parse = 0, found = 0] = line.split(' ').map(Number);
    return { read: read / 1e6, parse: parse / 1e6, found };
  });
}
