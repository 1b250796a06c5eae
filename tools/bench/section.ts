import os from 'node:os';
import type { Timing } from './samples.ts';

/** A limit that was set in advance, and whether it was met. */
export interface Goal {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** One table of the result. */
export interface Section {
  readonly title: string;
  /** What was measured, in sentences. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
}

/** A measurement that is impossible on this machine. */
export interface Skipped {
  readonly title: string;
  readonly why: string;
}

export const isSkipped = (part: Section | Skipped): part is Skipped => 'why' in part;

export const ratioGoal = (what: string, ratio: number, most: number): Goal => ({
  what,
  limit: `≤ ${most} × C`,
  measured: `${ratio.toFixed(2)} × C`,
  isMet: ratio <= most,
});

export const timeGoal = (what: string, { median }: Timing, most: number): Goal => ({
  what,
  limit: `≤ ${most} ms`,
  measured: `${milliseconds(median)} ms`,
  isMet: median <= most,
});

/** The median and, in brackets, the least disturbed run. */
export const timingText = ({ median, least }: Timing): string =>
  `${milliseconds(median)} (${milliseconds(least)})`;

const milliseconds = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

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
const GOAL_COLUMNS = ['goal', 'limit', 'measured', ''];

const goalRow = ({ what, limit, measured, isMet }: Goal): readonly string[] => [
  what,
  limit,
  measured,
  isMet ? 'met' : 'missed',
];

/** The whole result, as printed and stored. */
export function resultText(parts: readonly (Section | Skipped)[], machine: MachineFacts): string {
  const sections = parts.filter((part): part is Section => !isSkipped(part));
  const skipped = parts.filter(isSkipped);
  const goals = sections.flatMap((section) => section.goals);
  return [
    '# Benchmarks',
    'Written by `npm run bench` in one run, except where a section names a later one. Each round runs a C program ' +
      '(tools/bench/kernel-reads.c, compiled with -O2) and then this project, on the real mounts, cgroups and processes of a cell in a ' +
      'box. Times are medians in milliseconds, with the minimum in brackets. A ratio is the median of the ratios of all rounds.',
    [
      `- kernel: ${machine.kernel}`,
      `- processor: ${machine.processor}, ${machine.processors} available`,
      `- Node: ${machine.node}`,
      `- date: ${machine.date}`,
      loadLine(machine),
    ].join('\n'),
    ...(goals.length === 0 ? [] : ['## Goals', table(GOAL_COLUMNS, goals.map(goalRow))]),
    ...sections.map(sectionText),
    ...(skipped.length === 0
      ? []
      : ['## Not measured', skipped.map(({ title, why }) => `- ${title}: ${why}`).join('\n')]),
  ]
    .join('\n\n')
    .concat('\n');
}

const sectionText = ({ title, about, columns, rows }: Section): string =>
  [`## ${title}`, about, table(columns, rows)].join('\n\n');

/**
 * The stored result with one section replaced (or appended) by a new measurement, including its
 * goals. It says that this section is from another run.
 */
export function withSection(kept: string, section: Section, machine: MachineFacts): string {
  const { date, load } = machine;
  const later = `**This section is from a later run (${date}, Node ${machine.node}, load ${load.before.toFixed(1)} at its start).**`;
  const text = sectionText({ ...section, about: `${section.about} ${later}` });
  const parts = kept.trimEnd().split(/\n\n(?=## )/);
  const titled = (title: string) => (part: string) => part.startsWith(`## ${title}\n`);
  const at = parts.findIndex(titled(section.title));
  const withText = at < 0 ? [...parts, text] : parts.with(at, text);
  const goalsAt = withText.findIndex(titled('Goals'));
  const mine = section.goals.map(goalRow);
  const names = new Set(section.goals.map(({ what }) => what));
  const others = goalRows(withText[goalsAt] ?? '').filter(([what = '']) => !names.has(what));
  const goals = `## Goals\n\n${table(GOAL_COLUMNS, [...others, ...mine])}`;
  const all = goalsAt < 0 ? withText.toSpliced(1, 0, goals) : withText.with(goalsAt, goals);
  return `${all.join('\n\n')}\n`;
}

/** The cells of a table that `table` made, without its header. */
const goalRows = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );

/** Only the second value includes the load of the run itself. */
const loadLine = ({ load: { before, after } }: MachineFacts): string => {
  const text = `- load: ${before.toFixed(1)} at the start, ${after.toFixed(1)} at the end`;
  return before <= BUSY
    ? text
    : `${text}; **the machine had other work**, so times are too long, and only ratios within one run are reliable`;
};

/** Padded, so that it is readable in a terminal, too. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((title, index) =>
    Math.max(3, title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, index) => (cells[index] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join(
    '\n',
  );
}
