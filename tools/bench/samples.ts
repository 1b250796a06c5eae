import path from 'node:path';
import { execa, execaSync } from 'execa';
import { root } from '../bootstrap/place.mjs';

/** How many samples are taken of each thing that is compared in turns. */
export const MIN_READINGS = 9;

/** The median; of an even number of samples, the higher one of the two in the middle. */
export const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;

/** The median of the ratios of rounds: a disturbance that outlasts a round affects both sides. */
export const ratioOf = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((sample, round) => sample / (theirs[round] ?? Number.NaN)));

/** The CPU time of this process. The reads never wait, so it is their duration on an idle machine. */
export function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const SOURCE = path.join(root, 'tools/bench/kernel-reads.c');

/** @returns the program, compiled in this directory */
export async function compileFloor(directory: string): Promise<string> {
  const program = path.join(directory, 'kernel-reads');
  await execa('gcc', ['-O2', '-o', program, SOURCE]);
  return program;
}

/** @returns the CPU time of each pass of a list, in milliseconds */
export const runFloor = (program: string, list: string, passes: number): readonly number[] =>
  execaSync(program, [list, `${passes}`, '0'])
    .stdout.split('\n')
    .map(floorMilliseconds);

/** A process may end between the making of a list and its reads. */
const MAX_FAILED = 5;

/**
 * The CPU time of one pass of the floor, in milliseconds.
 * @param line what kernel-reads.c prints for the pass
 * @throws Error if more reads failed than processes can have ended meanwhile
 */
export function floorMilliseconds(line: string): number {
  const [nanoseconds = NaN, failed = NaN] = line.split(' ').map(Number);
  if (!(failed <= MAX_FAILED)) throw new Error(`${failed} reads of a list failed`);
  return nanoseconds / 1e6;
}
