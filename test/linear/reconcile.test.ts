import { expect } from 'chai';
import { outcome, reportAfter, type CellText } from '../reconcile/cell-builder.ts';
import { inTime } from './in-time.ts';

const G = '/system.slice/garden.service';
const cell = (listed: readonly string[], live: readonly string[]): CellText => ({
  trees: { memory: [`${G}: 100`, ...live].join('\n') },
  listed,
});
const many = (count: number, path: string, first: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${path}${index}: ${first + index}`);

describe('A pass takes time in proportion to the number of cgroups where it', () => {
  for (const [what, own, others] of [
    // In 20,000 of them a pass took 11.5 s: their pids were copied for each one.
    ['joins those below a lost container', many(60_000, `${G}/h/s`, 200), []],
    [
      'checks those that are called like a lost container',
      many(10_000, '/x/h/', 200),
      many(10_000, '/y/h-', 10_200),
    ],
  ] as const)
    it(what, () => {
      const { memory } = reportAfter([cell(['h'], [`${G}/h: 199`])]);
      const lost: CellText = { ...cell([], [...own, ...others]), images: { 200: 'h' } };
      const { report } = inTime(() => reportAfter([lost], 0, memory));
      expect(outcome(report)).to.deep.equal(['h untracked unknown-to-garden']);
      expect(report.containers[0]?.pids).to.equal(own.length);
    });
});
