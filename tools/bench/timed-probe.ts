import type { CellProbe } from '../../src/probe/cell-probe.ts';

export type ReadPart = 'mounts' | 'processes' | 'scan' | 'list' | 'answers';

/** The same probe; `spent` adds up what each part of a pass took. */
export function timedProbe(probe: CellProbe, spent: Record<ReadPart, number>): CellProbe {
  const now = <T>(part: ReadPart, work: () => T): T => {
    const start = performance.now();
    const result = work();
    spent[part] += performance.now() - start;
    return result;
  };
  const later = async <T>(part: ReadPart, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    spent[part] += performance.now() - start;
    return result;
  };
  return {
    ...probe,
    mounts: () => now('mounts', () => probe.mounts()),
    gardenProcesses: () => now('processes', () => probe.gardenProcesses()),
    scan: (plan) => later('scan', () => probe.scan(plan)),
    list: () => later('list', () => probe.list()),
    answer: (questions, plans) => later('answers', () => probe.answer(questions, plans)),
  };
}
