import { expect } from 'chai';
import { ownerOfPea } from '../../src/model/peas.ts';
import { outcome, reportAfter, type CellText } from '../reconcile/cell-builder.ts';
import { callWithLongTexts } from './call-with-long-texts.ts';
import { inTime } from './in-time.ts';

describe('no name takes longer to reconcile than its length', () => {
  it('ownerOfPea', () => {
    callWithLongTexts((name) => ownerOfPea(name, () => false), 200_000);
  });
});

describe('no number of cgroups takes longer to reconcile than that number', () => {
  it('joins the live cgroups below one that Garden listed before', () => {
    const G = '/system.slice/garden.service';
    // In 20,000 of them a pass took 11.5 s: their pids were copied for each one.
    const below = Array.from({ length: 60_000 }, (_, index) => `${G}/h/s${index}: ${index + 200}`);
    const tree = (listed: readonly string[], live: readonly string[]): CellText => ({
      trees: { memory: [`${G}: 100`, `${G}/h: 199`, ...live].join('\n') },
      listed,
    });
    const { memory } = reportAfter([tree(['h'], [])]);
    const lost = tree([], below);
    const { report } = inTime(() => reportAfter([lost], 0, memory));
    expect(outcome(report)).to.deep.equal(['h untracked unknown-to-garden']);
    expect(report.containers[0]?.pids).to.equal(60_001);
  });

  it('checks the live cgroups that are called like a lost container', () => {
    const G = '/system.slice/garden.service';
    const tree = (listed: readonly string[], live: readonly string[]): CellText => ({
      trees: { memory: [`${G}: 100`, ...live].join('\n') },
      listed,
    });
    const { memory } = reportAfter([tree(['h'], [`${G}/h: 199`])]);
    const count = 10_000;
    const live = Array.from({ length: count }, (_, index) => [
      `/x/h/${index}: ${index + 200}`,
      `/y/h-${index}: ${index + 200 + count}`,
    ]);
    const lost: CellText = { ...tree([], live.flat()), images: { 200: 'h' } };
    const { report } = inTime(() => reportAfter([lost], 0, memory));
    expect(outcome(report)).to.deep.equal(['h untracked unknown-to-garden']);
    expect(report.containers[0]?.pids).to.equal(count);
  });
});
