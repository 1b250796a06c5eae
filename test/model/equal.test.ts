import { expect } from 'chai';
import { isEqual } from '../../src/model/equal.ts';

const deep = () => ({ list: [1, { a: null }], map: new Map([['k', new Set([1, 2])]]), none: [] });

describe('whether two plain values are equal', () => {
  it('is told by what they hold', () => {
    expect(isEqual(deep(), deep())).to.equal(true);
    expect(isEqual(NaN, NaN)).to.equal(true);
  });

  const pairs: Readonly<Record<string, readonly [unknown, unknown]>> = {
    'one has more': [[1], [1, 2]],
    'the other has more': [[1, 2], [1]],
    'an order differs': [new Set([1, 2]), new Set([2, 1])],
    'a key differs': [new Map([['a', 1]]), new Map([['b', 1]])],
    'a value of a map differs': [new Map([['a', [1]]]), new Map([['a', [2]]])],
    'one is null': [{}, null],
    'one is a list and the other is not': [[], {}],
    'one is a map and the other is not': [new Map([['a', 1]]), [['a', 1]]],
    'one has an undefined value where the other has none': [{ a: undefined }, {}],
  };
  for (const [what, [a, b]] of Object.entries(pairs)) {
    it(`is not, if ${what}`, () => {
      expect(isEqual(a, b)).to.equal(false);
      expect(isEqual(b, a)).to.equal(false);
    });
  }
});
