import { expect } from 'chai';
import { PROPERTIES } from './properties.ts';
import { replayText, searchBatch } from './search.ts';

/** How many passes are checked, each by every property. */
const PASSES = 20_000;
/** Always the same histories, so that a failure is about a change and not about luck. */
const FIRST_SEED = 1;

describe('in every history of a cell', () => {
  const failures = new Map<string, string>();
  let passes = 0;
  let again = 0;

  before(async () => {
    for (let seed = FIRST_SEED; passes < PASSES && failures.size === 0; seed++) {
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
      if (failures.size === 0) expect(passes).to.be.at.least(PASSES);
      expect(failures.get(name) ?? '').to.equal('');
    });
  }
});
