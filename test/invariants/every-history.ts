import { expect } from 'chai';
import { PROPERTIES } from './properties.ts';
import { replayText, searchBatch } from './search.ts';

/** The least number of passes in the histories of a seed, whose average is 1,600. */
const MIN_PASSES_OF_A_SEED = 1000;

interface Seeds {
  readonly first: number;
  readonly last: number;
}

/** `npm run prove -- invariants` gives other seeds than `npm test`, as `FIRST-LAST`. */
function otherSeeds(): Seeds | null {
  const [first, last] = (process.env['ROLLCALL_INVARIANTS_SEEDS'] ?? '').split('-').map(Number);
  return first === undefined || last === undefined ? null : { first, last };
}

/**
 * Describes the histories that these seeds give, each pass of them checked by every property. A
 * seed always gives the same histories, so that a failure is about a change and not about luck.
 */
export function describeHistories(usual: Seeds): void {
  const { first, last } = otherSeeds() ?? usual;

  describe(`in every history of a cell (seeds ${first} to ${last})`, () => {
    const failures = new Map<string, string>();
    let [passes, again, histories] = [0, 0, 0];
    let nextSeed = first;

    // `npm run prove -- invariants` reads it.
    after(() => {
      if (otherSeeds() !== null)
        console.log(`SEARCHED: ${passes} passes, ${histories} histories, next seed ${nextSeed}`);
    });

    // One test for each seed, because a busy machine takes minutes for all of them.
    for (let seed = first; seed <= last; seed += 1) {
      it(`the passes of seed ${seed} break no property`, async () => {
        if (failures.size > 0) return;
        const searched = await searchBatch(seed);
        passes += searched.passes;
        again += searched.again;
        histories += searched.histories;
        nextSeed = seed + 1;
        for (const name of searched.broken.keys()) {
          failures.set(name, await replayText(name, searched));
        }
        expect([...failures.keys()]).to.deep.equal([]);
        expect(searched.passes).to.be.at.least(MIN_PASSES_OF_A_SEED);
      });
    }

    it('many passes read the same as an earlier one', () => {
      expect(again).to.be.greaterThan(passes / 10);
    });

    for (const name of Object.keys(PROPERTIES)) {
      it(name, () => {
        if (failures.size === 0) expect(nextSeed).to.equal(last + 1);
        expect(failures.get(name) ?? '').to.equal('');
      });
    }
  });
}
