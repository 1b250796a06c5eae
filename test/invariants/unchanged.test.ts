import { expect } from 'chai';
import { live } from './made-agent.ts';

describe('a pass over a cell on which nothing changes', () => {
  for (const layout of ['v1', 'v2', 'hybrid'] as const) {
    it(`keeps its decision after the first ones, also when it asks for leftovers (${layout})`, async () => {
      const { passes } = await live({
        layout,
        steps: ['rep-starts', 'create a', 'create b', 'pass 100'],
      });
      const anew = passes.flatMap(({ isAgain }, index) => (isAgain ? [] : [index]));
      expect(anew.length, String(anew)).to.be.below(12);
      expect(anew.at(-1), String(anew)).to.be.below(45);
      const asking = passes.filter(({ snapshot }) => snapshot.answers.overlays !== null);
      expect(asking).to.have.lengthOf(5);
    });
  }

  it('decides anew when Garden lists another', async () => {
    const { passes } = await live({
      layout: 'v1',
      steps: ['create a', 'pass 60', 'create b', 'pass'],
    });
    expect(passes.at(-2)?.isAgain).to.equal(true);
    expect(passes.at(-1)?.isAgain).to.equal(false);
  });
});
