import { provedSoFar } from './page.ts';
import { countIn, runTest, searchOn } from './search-io.ts';

const PASSES = '1000000';
/** Half a minute each. */
const PASSES_OF_A_RUN = 20_000;

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
        const searched = await searchFrom(seed, Math.min(goal, PASSES_OF_A_RUN));
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

/** What the histories from this seed on have shown; the output of mocha where one breaks a property. */
async function searchFrom(seed: number, passes: number): Promise<Searched | string> {
  const { hasPassed, output } = await runTest('test/invariants/invariants.test.ts', {
    ROLLCALL_INVARIANTS_SEED: String(seed),
    ROLLCALL_INVARIANTS_PASSES: String(passes),
  });
  const [, passed, histories, nextSeed] =
    /^SEARCHED: (\d+) passes, (\d+) histories, next seed (\d+)$/m.exec(output) ?? [];
  if (!hasPassed || nextSeed === undefined) return output;
  return { passed: Number(passed), histories: Number(histories), nextSeed: Number(nextSeed) };
}
