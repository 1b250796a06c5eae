import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { asByteString } from '../../src/model/ids.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { A, B, G, cellWithA, complete, passOf, passWith, type CellText } from './cell-builder.ts';

const CELL = cellWithA(`${G}/garden/${B}:`);

const reportWith = (
  overlays: readonly string[] | null,
  memory = EMPTY_MEMORY,
  { depot = null, cell = CELL }: { depot?: readonly string[] | null; cell?: CellText } = {},
) => {
  const names = depot?.map(asByteString) ?? null;
  const answers = { overlays: overlays?.map(asByteString) ?? null, depot: { names } };
  return complete(passWith(cell, memory, answers), gracePeriodsOfCheck(0));
};

describe('leftovers: what containers left behind', () => {
  it('counts empty cgroups, and overlays whose container no list names', () => {
    const { report } = reportWith([A, B, `${A}-envoy`, `${B}-envoy`]);
    expect(report.leftovers).to.deep.equal({ cgroups: 1, rootfsMounts: 2, depots: null });
    expect(report.verdict).to.equal('all-tracked');
  });

  it('counts none of a container that runs, though Garden forgot it, and none of its peas', () => {
    const runs = cellWithA(`${G}/garden/${B}: 300\n${G}/garden/bad/${B}:`);
    const names = [A, B, `${B}-envoy`];
    const { report } = reportWith(names, EMPTY_MEMORY, { depot: names, cell: runs });
    expect(report.leftovers).to.deep.equal({ cgroups: 0, rootfsMounts: 0, depots: 0 });
    const peas = cellWithA(`${G}/garden/${B}:\n${G}/garden/${B}-liveness-healthcheck-0: 300`);
    expect(reportWith([B], EMPTY_MEMORY, { cell: peas }).report.leftovers.cgroups).to.equal(0);
  });

  it('counts the empty cgroup of a pea, and the directory in the depot, of one that does not', () => {
    const cell = cellWithA(`${G}/garden/${B}:\n${G}/garden/${B}-liveness-healthcheck-0:`);
    const { report } = reportWith([], EMPTY_MEMORY, { depot: [A, B], cell });
    expect(report.leftovers).to.deep.equal({ cgroups: 2, rootfsMounts: 0, depots: 1 });
    expect(report.stale).to.have.lengthOf(2);
  });

  it('keeps what the last reading showed, and says null before the first', () => {
    expect(reportWith(null).report.leftovers.rootfsMounts).to.equal(null);
    const { memory } = reportWith([B]);
    expect(reportWith(null, memory).report.leftovers.rootfsMounts).to.equal(1);
  });

  it('asks for the mount table of gdn in every 20th pass', () => {
    const asked = (comparedPasses: number): number | null => {
      const memory = { ...EMPTY_MEMORY, bootId: 'boot-1', comparedPasses };
      return questionsOf(passOf(CELL, memory)).overlays;
    };
    expect([0, 1, 19, 20].map(asked)).to.deep.equal([100, null, null, 100]);
  });
});
