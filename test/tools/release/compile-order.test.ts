import { expect } from 'chai';
import fc from 'fast-check';
import { compileOrder } from '../../../tools/release/compile-order.ts';

describe('the order in which packages are compiled', () => {
  it('puts each one after its dependencies', () => {
    const dag = fc
      .array(fc.array(fc.nat()), { maxLength: 12 })
      .map(
        (lists) =>
          new Map(
            lists
              .map((list, at): [string, readonly string[]] => [
                `p${at}`,
                at === 0 ? [] : list.map((to) => `p${to % at}`),
              ])
              .toReversed(),
          ),
      );
    fc.assert(
      fc.property(dag, (dependencies) => {
        const { order, circular } = compileOrder(dependencies);
        expect(circular).to.deep.equal([]);
        expect(order.toSorted()).to.deep.equal([...dependencies.keys()].toSorted());
        for (const [name, needs] of dependencies)
          for (const need of needs) expect(order.indexOf(need)).to.be.below(order.indexOf(name));
      }),
    );
  });

  it('names those that wait for each other', () => {
    const dependencies = new Map([
      ['a', ['b']],
      ['b', ['a']],
      ['c', ['absent']],
    ]);
    expect(compileOrder(dependencies)).to.deep.equal({ order: ['c'], circular: ['a', 'b'] });
  });
});
