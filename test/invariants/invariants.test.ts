import { expect } from 'chai';
import { PROPERTIES } from './properties.ts';
import { replayText, searchBatch } from './search.ts';

/**
 * How many passes are checked, each by every property. Always the same histories, so that a failure
 * is about a change and not about luck.
 */
const SEARCHES = {
  'in some histories of a cell': { firstSeed: 1, passes: 4000 },
  'in many more histories of a cell': { firstSeed: 1001, passes: 16_000 },
} as const;

for (const [where, { firstSeed, passes: wanted }] of Object.entries(SEARCHES)) {
  describe(where, () => {
    const failures = new Map<string, string>();
    let passes = 0;
    let again = 0;

    before(async () => {
      for (let seed = firstSeed; passes < wanted && failures.size === 0; seed++) {
        const searched = await searchBatch(seed);
        passes += searched.passes;
        again += searched.again;
        for (const name of searched.broken.keys()) {
          failures.set(name, await replayText(name, searched));
        }
      }
    });

    it('many passes read the same as an earlier one', () => {
      expect(again).to.be.greaterThan(passes / 10);
    });

    for (const name of Object.keys(PROPERTIES)) {
      it(name, () => {
        if (failures.size === 0) expect(passes).to.be.at.least(wanted);
        expect(failures.get(name) ?? '').to.equal('');
      });
    }
  });
}
