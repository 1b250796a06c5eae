import { expect } from 'chai';
import { BOUNDARIES } from './boundaries.ts';
import { inputMaker, randomOf } from './made-inputs.ts';
import { findingIn } from './search.ts';

const TEXTS = 220;

describe('no untrusted input breaks a promise', () => {
  for (const [name, boundary] of Object.entries(BOUNDARIES)) {
    it(name, async () => {
      const seeds = boundary.seeds();
      const make = inputMaker(randomOf(1));
      const made = Array.from({ length: TEXTS }, () => make(seeds));
      expect(await findingIn(boundary, [...seeds, ...made])).to.equal(null);
    });
  }
});
