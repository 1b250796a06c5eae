import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { measure, SCAN } from './cell.ts';
import { ratioOf, timingOf, type Timing } from './samples.ts';
import { ratioGoal, timeGoal, timingText, type Goal, type Section } from './section.ts';

const ROUNDS = 9;
const MAX_RATIO = 2;
const MAX_MILLISECONDS_AT_250 = 5;
const MAX_GROWTH_BESIDE_C = 1.25;
const MAX_ASYNCHRONOUSLY = 1000;

/** The measurements for one size of a cell. */
export interface ScannedCell {
  readonly containers: number;
  readonly dead: number;
  readonly ours: Timing;
  /** Null if it would take too long. */
  readonly asynchronous: Timing | null;
  /** Null if there is no C program. */
  readonly c: { readonly flat: BesideC; readonly tree: BesideC } | null;
}

interface BesideC {
  readonly timing: Timing;
  /** How many times as long ours takes. */
  readonly ratio: number;
}

export async function scanCell(
  cell: Cell,
  program: string | null,
  { containers, dead }: { readonly containers: number; readonly dead: number },
): Promise<ScannedCell> {
  const asynchronously = containers + dead > MAX_ASYNCHRONOUSLY ? 0 : ROUNDS;
  const asked = { program, rounds: ROUNDS, containers, asynchronously };
  const { flat, tree, ours, asynchronous } = await measure(cell, SCAN, asked);
  const beside = (samples: readonly number[]): BesideC => ({
    timing: timingOf(samples),
    ratio: ratioOf(ours, samples, ROUNDS),
  });
  const c = program === null ? null : { flat: beside(flat), tree: beside(tree) };
  return {
    containers,
    dead,
    ours: timingOf(ours),
    asynchronous: asynchronously === 0 ? null : timingOf(asynchronous),
    c,
  };
}

export const scanSection = (cells: readonly ScannedCell[]): Section => ({
  title: 'The scan of the primary hierarchy',
  about:
    'Every container has one cgroup and one process; dead ones are empty directories. `flat` reads `cgroup.procs` in each child ' +
    'of one directory, which is the least possible work. `tree` does the same as the scan: it walks all cgroups of the cell and ' +
    "keeps the inode of each. `pool` is the flat read with fs/promises, through Node's thread pool; because it is slower, the " +
    'scan reads synchronously.',
  columns: [
    'containers',
    'dead',
    'C flat',
    'C tree',
    'rollcall',
    'ratio to flat',
    'ratio to tree',
    'µs per cgroup',
    'pool',
  ],
  rows: cells.map(({ containers, dead, ours, asynchronous, c }) => [
    `${containers}`,
    `${dead}`,
    c === null ? '' : timingText(c.flat.timing),
    c === null ? '' : timingText(c.tree.timing),
    timingText(ours),
    c?.flat.ratio.toFixed(2) ?? '',
    c?.tree.ratio.toFixed(2) ?? '',
    ((ours.median * 1000) / (containers + dead)).toFixed(1),
    asynchronous === null ? '' : timingText(asynchronous),
  ]),
  goals: [...ratioGoals(cells), ...timeGoals(cells)],
});

/** Does not apply to a single container, where the fixed cost of a scan dominates. */
const ratioGoals = (cells: readonly ScannedCell[]): readonly Goal[] =>
  cells.flatMap(({ containers, dead, c }) => {
    if (c === null || containers === 1 || dead > 0) return [];
    const what = `scan of ${containers.toLocaleString('en')} containers`;
    return [
      ratioGoal(`${what}, the same tree in C`, c.tree.ratio, MAX_RATIO),
      ratioGoal(`${what}, the flat read in C`, c.flat.ratio, MAX_RATIO),
    ];
  });

function timeGoals(cells: readonly ScannedCell[]): readonly Goal[] {
  const at = (count: number) =>
    cells.find(({ containers, dead }) => containers === count && dead === 0);
  const [few, many] = [at(250), at(5000)];
  if (few === undefined || many === undefined) return [];
  return [
    timeGoal('scan of 250 containers', few.ours, MAX_MILLISECONDS_AT_250),
    ...growthGoals(few, many),
  ];
}

/**
 * The kernel's own time per container grows when the processor's caches no longer hold everything.
 * The C program shows by how much.
 */
function growthGoals(few: ScannedCell, many: ScannedCell): readonly Goal[] {
  if (few.c === null || many.c === null) return [];
  const growth = many.c.tree.ratio / few.c.tree.ratio;
  return [
    {
      what: 'scan: growth from 250 to 5,000 containers, beside the same tree in C',
      limit: `≤ ${MAX_GROWTH_BESIDE_C} × C`,
      measured: `${growth.toFixed(2)} × C`,
      isMet: growth <= MAX_GROWTH_BESIDE_C,
    },
  ];
}
