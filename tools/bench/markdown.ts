import type { MachineFacts } from './machine.ts';
import { isSkipped, type Goal, type Section, type Skipped } from './section.ts';

const GOAL_COLUMNS = ['goal', 'limit', 'measured', ''];

const goalRow = ({ what, limit, measured, isMet }: Goal): readonly string[] => [
  what,
  limit,
  measured,
  isMet ? 'met' : 'missed',
];

/** The whole result as it is printed and kept. */
export function resultText(parts: readonly (Section | Skipped)[], machine: MachineFacts): string {
  const sections = parts.filter((part): part is Section => !isSkipped(part));
  const skipped = parts.filter(isSkipped);
  const goals = sections.flatMap((section) => section.goals);
  return [
    '# Benchmarks',
    'Written by `npm run bench`, which measures all of it in one run: rounds of a C program (tools/bench/kernel-reads.c, ' +
      'compiled with -O2) and of this project in turn, on real mounts, cgroups and processes of a cell in a box. Times are ' +
      'milliseconds, medians, with the least in brackets; a ratio is the median of the ratios of single rounds.',
    [
      `- kernel: ${machine.kernel}`,
      `- processor: ${machine.processor}, ${machine.processors} of them for us`,
      `- Node: ${machine.node}`,
      `- date: ${machine.date}`,
    ].join('\n'),
    ...(goals.length === 0 ? [] : ['## Goals', table(GOAL_COLUMNS, goals.map(goalRow))]),
    ...sections.flatMap((section) => [
      `## ${section.title}`,
      section.about,
      table(section.columns, section.rows),
    ]),
    ...(skipped.length === 0
      ? []
      : ['## Not measured', skipped.map(({ title, why }) => `- ${title}: ${why}`).join('\n')]),
  ]
    .join('\n\n')
    .concat('\n');
}

/** Padded, so that it reads as well in a terminal. */
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
