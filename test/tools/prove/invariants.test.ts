import { expect } from 'chai';
import type { Searched } from '../../invariants/search.ts';
import { withSearched } from '../../../tools/prove/invariants.ts';
import type { Proved } from '../../../tools/prove/page.ts';

const BEFORE: Proved['invariants'] = {
  nextSeed: 5,
  passes: 2000,
  histories: 150,
  brokenSeeds: [3],
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
});
