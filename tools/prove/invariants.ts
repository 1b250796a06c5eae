import { provedSoFar } from './page.ts';
import { countIn, runTest, searchOn } from './search-io.ts';

const PASSES = '1000000';
/** The histories of a seed have 1,600 passes on average. */
const PASSES_OF_A_SEED = 1600;
/** Half a minute each. */
const SEEDS_OF_A_RUN = 13;

/** `invariants [PASSES]`: checks the invariants in many more histories than `npm test` does. */
export async function proveInvariants(
  [passes = PASSES]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  const { invariants: before } = provedSoFar();
  let { histories } = before;
  const goal = countIn(passes);
  const { exit } = await searchOn(
    {
      seed: before.nextSeed,
      goal,
      said: (passed) => `every property held in ${passed} passes`,
      proved: (nextSeed, passed) => ({
        invariants: { nextSeed, passes: before.passes + passed, histories },
      }),
      one: async (seed) => {
        const seeds = Math.min(Math.ceil(goal / PASSES_OF_A_SEED), SEEDS_OF_A_RUN);
        const searched = await searchFrom(seed, seeds);
        if (typeof searched !== 'string') histories += searched.histories;
        return searched;
      },
    },
    stop,
  );
  return exit;
}

interface Searched {
  readonly passed: number;
  readonly histories: number;
  readonly nextSeed: number;
}

/**
 * What the histories of so many seeds have shown, beginning with this one; the output of mocha where
 * one breaks a property.
 */
async function searchFrom(first: number, seeds: number): Promise<Searched | string> {
  // Each of the files with histories takes other seeds than its own.
  const { hasPassed, output } = await runTest('test/invariants/histories-1.test.ts', {
    ROLLCALL_INVARIANTS_SEEDS: `${first}-${first + seeds - 1}`,
  });
  const [, passed, histories, nextSeed] =
    /^SEARCHED: (\d+) passes, (\d+) histories, next seed (\d+)$/m.exec(output) ?? [];
  if (!hasPassed || nextSeed === undefined) return output;
  return { passed: Number(passed), histories: Number(histories), nextSeed: Number(nextSeed) };
}
