import { expect } from 'chai';
import { PROPERTIES } from './properties.ts';
import { replayText, searchBatch } from './search.ts';

/** How many passes are checked, each by every property. `npm run prove -- invariants` gives others. */
const PASSES = Number(process.env['ROLLCALL_INVARIANTS_PASSES'] ?? 20_000);
/** A busy machine takes minutes for all of them: each test searches a part. */
const PARTS = 10;
/** Always the same histories, so that a failure is about a change and not about luck. */
const FIRST_SEED = Number(process.env['ROLLCALL_INVARIANTS_SEED'] ?? 1);

describe('in every history of a cell', () => {
  const failures = new Map<string, string>();
  let [passes, again, histories] = [0, 0, 0];
  let seed = FIRST_SEED;

  // `npm run prove -- invariants` reads it.
  after(() => {
    if (process.env['ROLLCALL_INVARIANTS_SEED'] !== undefined)
      console.log(`SEARCHED: ${passes} passes, ${histories} histories, next seed ${seed}`);
  });

  for (let part = 1; part <= PARTS; part++) {
    const until = (PASSES / PARTS) * part;
    it(`the first ${until} passes break no property`, async () => {
      for (; passes < until && failures.size === 0; seed++) {
        const searched = await searchBatch(seed);
        passes += searched.passes;
        again += searched.again;
        histories += searched.histories;
        for (const name of searched.broken.keys()) {
          failures.set(name, await replayText(name, searched));
        }
      }
      expect([...failures.keys()]).to.deep.equal([]);
    });
  }

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
