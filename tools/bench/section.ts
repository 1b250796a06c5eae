import os from 'node:os';
import { markdownTable } from '../markdown.ts';
import type { Timing } from './samples.ts';

/** What is limited, the limit that was set in advance, what was measured, and `met` or why not. */
export type Goal = readonly string[];

/** One table of the result; all of them are printed in the same way. */
export interface Section {
  readonly title: string;
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
}

/**
 * @param most with its unit
 * @param cause why it is missed, if it is
 */
export const goalOf = (
  what: string,
  measured: number,
  [most, unit]: readonly [number, string],
  cause: string,
): Goal => [
  what,
  `≤ ${most} ${unit}`,
  `${measured.toFixed(most >= 100 ? 0 : 2)} ${unit}`,
  measured <= most ? 'met' : `missed: ${cause}`,
];

/** The median and, in brackets, the least disturbed run. */
export const timingText = ({ median, least }: Timing): string =>
  `${milliseconds(median)} (${milliseconds(least)})`;

export const milliseconds = (value: number): string =>
  value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** The load average over one minute. */
export const loadNow = (): number => os.loadavg()[0] ?? 0;

/** Higher than the load of an otherwise idle machine. */
const BUSY = 1;

/**
 * The page, with the facts that its numbers depend on, and nothing that identifies this machine.
 * @param loadBefore when the run began; what it is now includes the load of the run itself
 */
export const resultText = (sections: readonly Section[], loadBefore: number): string =>
  [
    '# Benchmarks',
    'Written by `npm run bench` in one run, on cells in boxes: real mounts, cgroups and processes. Times are in milliseconds; those with ' +
      'a number in brackets are medians with the minimum. Each round beside C runs this project and tools/bench/kernel-reads.c, compiled ' +
      'with -O2; then times are CPU time, and a ratio is the median of the ratios of all rounds.',
    [
      // Without the vendor's suffix.
      `- kernel: ${/^\d+(?:\.\d+)*/.exec(os.release())?.[0] ?? os.release()}`,
      `- processor: ${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} available`,
      `- Node: ${process.version}`,
      `- date: ${new Date().toISOString().slice(0, 10)}`,
      `- load: ${loadBefore.toFixed(1)} at the start, ${loadNow().toFixed(1)} at the end${loadBefore <= BUSY ? '' : OTHER_WORK}`,
    ].join('\n'),
    '## Goals',
    markdownTable(
      ['goal', 'limit', 'measured', ''],
      sections.flatMap(({ goals }) => goals),
    ),
    ...sections.flatMap(({ title, about, columns, rows }) => [
      `## ${title}`,
      about,
      markdownTable(columns, rows),
    ]),
  ]
    .join('\n\n')
    .concat('\n');

const OTHER_WORK =
  '; **the machine had other work**, so times are too long, and only ratios within one run are reliable';
