import type { Cell } from '../demo-cell/cell/cell.ts';
import type { Scan } from '../../src/model/scan.ts';
import { measure, primaryScan, type Measured } from './cell.ts';
import { cpuNow, ratioOf, runC, timingOf, warmUp, type Timing } from './samples.ts';
import { goalOf, timingText, type Section } from './section.ts';

const ROUNDS = 9;
/** The duration of each turn: long enough that what the last turn left does not matter. */
const TURN_MILLISECONDS = 60;

export interface ScannedCell {
  readonly containers: number;
  readonly ours: Timing;
  readonly c: Timing;
  /** How many times as long ours takes. */
  readonly ratio: number;
}

export async function scanCell(
  cell: Cell,
  program: string,
  containers: number,
): Promise<ScannedCell> {
  const of = await measure(cell, 'scan', program);
  const [ours, c] = [of('ours'), of('c')];
  return { containers, ours: timingOf(ours), c: timingOf(c), ratio: ratioOf(ours, c, ROUNDS) };
}

export const scanSection = (cells: readonly ScannedCell[]): Section => ({
  title: 'The scan of the primary hierarchy',
  columns: ['containers', 'C', 'rollcall', 'ratio', 'µs per cgroup'],
  rows: cells.map(({ containers, ours, c, ratio }) => [
    `${containers}`,
    timingText(c),
    timingText(ours),
    ratio.toFixed(2),
    ((ours.median * 1000) / containers).toFixed(1),
  ]),
  goals: cells.map(({ containers, ratio }) =>
    goalOf(
      `scan of ${containers.toLocaleString('en')} containers`,
      ratio,
      [containers < 2000 ? 1.2 : 1.15, '× C'],
      'our JavaScript is 8 % of it; Node adds more than 1 µs to each of its two calls for a cgroup',
    ),
  ),
});

/** Scans the cell's primary hierarchy, alternating between the C program and our code. */
export async function measureScan(program: string): Promise<Measured> {
  const scan = await primaryScan();
  const ours: number[] = [];
  const c: number[] = [];
  const run = (): number => {
    const start = cpuNow();
    const members = membersIn(scan.run());
    ours.push(cpuNow() - start);
    return members;
  };
  warmUp(run);
  const times = Math.max(3, Math.min(40, Math.round(TURN_MILLISECONDS / (ours.at(-1) ?? 1))));
  ours.length = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let members = 0;
    for (let time = 0; time < times; time++) members = run();
    const done = runC(program, 'walk', scan.top, times);
    for (const { read } of done) c.push(read);
    // Only equal work can be compared: the C program counts itself, and a process may end.
    const found = done.at(-1)?.found ?? 0;
    if (Math.abs(found - members) > 3) {
      throw new Error(`C found ${found} processes, the scan ${members}`);
    }
  }
  return { ours, c };
}

const membersIn = (scan: Scan): number =>
  scan.kind === 'seen' ? scan.directories.reduce((sum, { pids }) => sum + pids.length, 0) : 0;
