import { replayText, searchBatch } from '../../test/invariants/search.ts';
import { provedSoFar } from './page.ts';
import { countIn, say, searchOn } from './search-io.ts';

const PASSES = '1000000';

/** `invariants [PASSES]`: checks the invariants in many more histories than `npm test` does. */
export async function proveInvariants(
  [passes = PASSES]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  const { invariants: before } = provedSoFar();
  let { histories } = before;
  const one = async (seed: number): Promise<number | string> => {
    const searched = await searchBatch(seed);
    const [broken] = searched.broken.keys();
    if (broken === undefined) {
      histories += searched.histories;
      return searched.passes;
    }
    say(`seed ${seed} breaks a property; looks for the shortest history that does`);
    return replayText(broken, searched);
  };
  const { exit } = await searchOn(
    {
      seed: before.nextSeed,
      goal: countIn(passes),
      said: (passed) => `every property held in ${passed} passes`,
      proved: (nextSeed, passed) => ({
        invariants: { nextSeed, passes: before.passes + passed, histories },
      }),
      one,
    },
    stop,
  );
  return exit;
}
