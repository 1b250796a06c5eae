import { expect } from 'chai';
import type { Searched } from '../../invariants/search.ts';
import { withSearched } from '../../../tools/prove/invariants.ts';
import { PROOF_PAGE, proofFiles, type Proved } from '../../../tools/prove/page.ts';

const BEFORE: Proved['invariants'] = {
  nextSeed: 5,
  passes: 2000,
  histories: 150,
  brokenSeeds: [3],
};
const OTHERS: Omit<Proved, 'invariants'> = {
  fuzz: {},
  kernel: { nextSeed: 9, steps: 1200 },
  starts: { nextSeed: 7, starts: 60 },
  supply: { files: 30, vulnerabilities: 1 },
};
const searched = (seed: number, ...broken: readonly string[]): Searched => ({
  seed,
  passes: 400,
  again: 30,
  histories: 50,
  broken: new Map(broken.map((name) => [name, { layout: 'v1', steps: ['pass'] }])),
});

describe('what the searches for a broken invariant have shown', () => {
  it('counts the passes of a seed, and goes on with the next one', () => {
    const after: Proved['invariants'] = { ...BEFORE, nextSeed: 6, passes: 2400, histories: 200 };
    expect(withSearched(BEFORE, searched(5))).to.deep.equal(after);
  });

  it('keeps a seed that breaks a property, and does not count its passes', () => {
    const after: Proved['invariants'] = { ...BEFORE, nextSeed: 6, brokenSeeds: [3, 5] };
    expect(withSearched(BEFORE, searched(5, 'a property'))).to.deep.equal(after);
    expect(withSearched(BEFORE, searched(3, 'a property'))).to.deep.equal(BEFORE);
  });

  it('counts a seed once it breaks no property any more', () => {
    const after: Proved['invariants'] = {
      nextSeed: 5,
      passes: 2400,
      histories: 200,
      brokenSeeds: [],
    };
    expect(withSearched(BEFORE, searched(3))).to.deep.equal(after);
  });

  it('is on the page, with the seeds that break a property', () => {
    const page = proofFiles({ ...OTHERS, invariants: BEFORE }).get(PROOF_PAGE) ?? '';
    expect(page.replaceAll('\n', ' ')).to.include(
      'held in 2,000 passes of 150 histories. The next search begins with seed 5. The histories of these seeds are not among them, because one breaks a property: 3.',
    );
  });
});

describe('what the other searches have shown', () => {
  it('is on the page, also for a boundary that no search has tried', () => {
    const fuzz = { mounts: { nextSeed: 4, inputs: 1_000_200 } };
    const page = proofFiles({ ...OTHERS, invariants: BEFORE, fuzz }).get(PROOF_PAGE);
    expect(page).to.include('| mounts | 1,000,200 | 4 |\n| cgroup files | 0 | 1 |');
    expect(page).to.include('after each of 1,200 steps. The next cell has seed 9.');
    expect(page).to.include('So far 60 starts did what they must. The next cell has seed 7.');
    expect(page).to.include('In the last run 30 files were equal. npm knew of 1 vulnerabilities.');
  });
});
