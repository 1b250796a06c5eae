import path from 'node:path';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { runJob } from './cell.ts';
import { median, ratioOf } from './samples.ts';
import { goalOf, milliseconds, type Section } from './section.ts';

/** The most that each job of in-cell.ts may take, as a multiple of C. */
const MOST = { table: 1.5, walk: 1.2 } as const;

/** A read beside C: what it is, the CPU time of each, in milliseconds, and their ratio. */
export type Read = Awaited<ReturnType<typeof measureRead>>;

/** @param floor the program */
export async function measureRead(cell: Cell, floor: string, job: keyof typeof MOST) {
  const list = path.join(path.dirname(floor), job);
  const { rollcall = [], c = [], size: [size = 0] = [] } = await runJob(cell, job, floor, list);
  const count = size.toLocaleString('en');
  return {
    what: job === 'table' ? `mount table of ${count} lines` : `walk of ${count} cgroups`,
    rollcall: median(rollcall),
    c: median(c),
    ratio: ratioOf(rollcall, c),
    most: MOST[job],
  };
}

export const readsSection = (reads: readonly Read[]): Section => ({
  title: 'Reads of the kernel',
  columns: ['read', 'rollcall, ms', 'C, ms', '× C'],
  rows: reads.map(({ what, rollcall, c, ratio }) => [
    what,
    milliseconds(rollcall),
    milliseconds(c),
    ratio.toFixed(2),
  ]),
  goals: reads.map(({ what, ratio, most }) => goalOf(what, ratio, [most, '× C'])),
});
