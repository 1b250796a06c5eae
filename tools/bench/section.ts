import os from 'node:os';
import { fileWith } from '../generated-part.ts';
import { markdownTable } from '../markdown.ts';

/** What is limited, the limit that was set in advance, what was measured, and whether that is met. */
export type Goal = readonly string[];

export const BENCHMARKS = 'docs/appendix/benchmarks.md';

/** One table of the result, below its title in the page, which says what was measured. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
}

/** @param most with its unit */
export const goalOf = (
  what: string,
  measured: number,
  [most, unit]: readonly [number, string],
): Goal => [
  what,
  `≤ ${most} ${unit}`,
  `${measured.toFixed(most >= 100 ? 0 : 2)} ${unit}`,
  measured <= most ? 'met' : 'missed: [why](../decisions/cost.md#goals-that-are-missed)',
];

/** With three digits. */
export const milliseconds = (value: number): string =>
  value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** The load average over one minute. */
export const loadNow = (): number => os.loadavg()[0] ?? 0;

/** Higher than the load of an otherwise idle machine. */
const BUSY = 1;
const OTHER_WORK = '; **the machine had other work**, so only ratios within one run are reliable';

/**
 * The facts that the numbers depend on, without what identifies this machine, the goals, and the
 * table of each section.
 * @param loadBefore when the run began: at its end, two cells have just been removed
 */
const partsOf = (
  sections: readonly Section[],
  loadBefore: number,
): Readonly<Record<string, string>> => ({
  'this machine': [
    // Without the vendor's suffix.
    `- kernel: ${/^\d+(?:\.\d+)*/.exec(os.release())?.[0] ?? os.release()}`,
    `- processor: ${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} available`,
    `- Node: ${process.version}`,
    `- date: ${new Date().toISOString().slice(0, 10)}`,
    `- load before: ${loadBefore.toFixed(1)}${loadBefore <= BUSY ? '' : OTHER_WORK}`,
  ].join('\n'),
  'all sections': markdownTable(
    ['goal', 'limit', 'measured', ''],
    sections.flatMap(({ goals }) => goals),
  ),
  ...Object.fromEntries(
    sections.map(({ title, columns, rows }) => [
      `the section "${title}"`,
      markdownTable(columns, rows),
    ]),
  ),
});

/** All sections, as docs/appendix/benchmarks.md shows them. */
export const benchmarksPage = (sections: readonly Section[], loadBefore: number): string =>
  fileWith(BENCHMARKS, partsOf(sections, loadBefore), 'bench');

/** Some sections alone, for the terminal. */
export const resultText = (sections: readonly Section[], loadBefore: number): string =>
  Object.values(partsOf(sections, loadBefore)).join('\n\n').concat('\n');
