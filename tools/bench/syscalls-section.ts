import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Cell } from '../../src/demo-cell/cell.ts';
import { runInCell } from '../../src/demo-cell/run-in-cell.ts';
import { measure, SCAN_TIMES } from './measurements.ts';
import type { Section } from './section.ts';

const TIMES = 3;

type Calls = ReadonlyMap<string, number>;

/** Counted by strace: of a run with some scans what a run without any does not have. */
export async function syscallsSection(
  cell: Cell,
  program: string | null,
  containers: number,
  directory: string,
): Promise<Section> {
  const file = path.join(directory, 'strace');
  const strace = ['strace', '-f', '-c', '-o', file];
  const callsOf = (): Calls => parseCalls(readFileSync(file, 'utf8'));
  const scans = async (times: number) => {
    const where = await measure(cell, SCAN_TIMES, { times }, strace);
    return { ...where, calls: callsOf() };
  };
  const { openedAt, garden, calls: none } = await scans(0);
  const rows = [rowOf('rollcall', difference((await scans(TIMES)).calls, none), containers)];
  if (program !== null) {
    const inC = async (job: string, place: string, times: number): Promise<Calls> => {
      await runInCell(cell, [...strace, program, job, place, `${times}`]);
      return callsOf();
    };
    for (const [job, place, name] of [
      ['flat', garden, 'C flat'],
      ['walk', openedAt, 'C tree'],
    ] as const) {
      const some = await inC(job, place, TIMES);
      rows.push(rowOf(name, difference(some, await inC(job, place, 0)), containers));
    }
  }
  return {
    title: 'System calls of the scan',
    about: `For each container of ${containers.toLocaleString('en')}, counted with strace.`,
    columns: ['', 'all', 'which'],
    rows,
    goals: [],
  };
}

function rowOf(what: string, calls: Calls, containers: number): readonly string[] {
  const each = (count: number): number => count / TIMES / containers;
  const all = [...calls.values()].reduce((sum, count) => sum + each(count), 0);
  const often = [...calls].filter(([, count]) => each(count) >= 0.05);
  return [
    what,
    all.toFixed(2),
    often
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${each(count).toFixed(2)}`)
      .join(', '),
  ];
}

const difference = (some: Calls, none: Calls): Calls =>
  new Map([...some].map(([name, count]) => [name, count - (none.get(name) ?? 0)]));

/** Lines of `% time, seconds, usecs/call, calls, errors (may be blank), syscall`; the last one is their sum. */
function parseCalls(text: string): Calls {
  const calls = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)\s*$/.exec(line);
    const [, count, name] = match ?? [];
    if (name !== undefined && name !== 'total') calls.set(name, Number(count));
  }
  return calls;
}
