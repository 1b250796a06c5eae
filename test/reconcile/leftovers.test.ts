import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { asByteString } from '../../src/model/ids.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { A, B, G, cellWithA, complete, passOf, passWith } from './cell-builder.ts';

const CELL = cellWithA(`${G}/garden/${B}:`);

const reportWith = (overlays: readonly string[] | null, memory = EMPTY_MEMORY) => {
  const answers = { overlays: overlays?.map(asByteString) ?? null };
  return complete(passWith(CELL, memory, answers), gracePeriodsOfCheck(0));
};

describe('leftovers: what containers left behind', () => {
  it('counts empty cgroups, and overlays whose container no list names', () => {
    const { report } = reportWith([A, B, `${A}-envoy`, `${B}-envoy`]);
    expect(report.leftovers).to.deep.equal({ cgroups: 1, rootfsMounts: 2 });
    expect(report.verdict).to.equal('all-tracked');
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
