import os from 'node:os';
import { markdownTable } from '../markdown.ts';
import type { Timing } from './samples.ts';

/** A limit that was set in advance, and whether it was met. */
export interface Goal {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  /** `met`, or why not. */
  readonly outcome: string;
}

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
): Goal => ({
  what,
  limit: `≤ ${most} ${unit}`,
  measured: `${measured.toFixed(most >= 100 ? 0 : 2)} ${unit}`,
  outcome: measured <= most ? 'met' : `missed: ${cause}`,
});

/** The median and, in brackets, the least disturbed run. */
export const timingText = ({ median, least }: Timing): string =>
  `${milliseconds(median)} (${milliseconds(least)})`;

export const milliseconds = (value: number): string =>
  value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** The facts that the numbers depend on, without anything that identifies this machine. */
export interface MachineFacts {
  readonly kernel: string;
  readonly processor: string;
  readonly processors: number;
  readonly node: string;
  readonly date: string;
  /** The load average over one minute, at the start of the run and at its end. */
  readonly load: { readonly before: number; readonly after: number };
}

export const loadNow = (): number => os.loadavg()[0] ?? 0;

export function machineFacts(loadBefore: number): MachineFacts {
  return {
    // Without the vendor's suffix.
    kernel: /^\d+(?:\.\d+)*/.exec(os.release())?.[0] ?? os.release(),
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    processors: os.availableParallelism(),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: { before: loadBefore, after: loadNow() },
  };
}

/** Higher than the load of an otherwise idle machine. */
const BUSY = 1;

export const resultText = (sections: readonly Section[], machine: MachineFacts): string =>
  [
    '# Benchmarks',
    'Written by `npm run bench` in one run, on cells in boxes: real mounts, cgroups and processes. Times are in milliseconds; those with ' +
      'a number in brackets are medians with the minimum. Each round beside C runs this project and tools/bench/kernel-reads.c, compiled ' +
      'with -O2; then times are CPU time, and a ratio is the median of the ratios of all rounds.',
    [
      `- kernel: ${machine.kernel}`,
      `- processor: ${machine.processor}, ${machine.processors} available`,
      `- Node: ${machine.node}`,
      `- date: ${machine.date}`,
      loadLine(machine),
    ].join('\n'),
    '## Goals',
    markdownTable(
      ['goal', 'limit', 'measured', ''],
      sections
        .flatMap(({ goals }) => goals)
        .map(({ what, limit, measured, outcome }) => [what, limit, measured, outcome]),
    ),
    ...sections.flatMap(({ title, about, columns, rows }) => [
      `## ${title}`,
      about,
      markdownTable(columns, rows),
    ]),
  ]
    .join('\n\n')
    .concat('\n');

/** Only the second value includes the load of the run itself. */
const loadLine = ({ load: { before, after } }: MachineFacts): string => {
  const text = `- load: ${before.toFixed(1)} at the start, ${after.toFixed(1)} at the end`;
  return before <= BUSY
    ? text
    : `${text}; **the machine had other work**, so times are too long, and only ratios within one run are reliable`;
};
