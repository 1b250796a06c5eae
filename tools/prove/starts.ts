import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import { provedSoFar } from './page.ts';
import { countIn, problemOf, searchOn } from './search-io.ts';

const GOAL = '50';
const STARTS_OF_A_CELL = 10;

/** `starts [STARTS] [SEED]`: starts agents on cells in a box, one cell for each seed, until one does what it must not. */
export async function proveStarts(
  [starts = GOAL, first]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  const goal = countIn(starts);
  const { starts: before } = provedSoFar();
  const env = { ROLLCALL_STARTS: String(STARTS_OF_A_CELL) };
  const load = Array.from({ length: 2 * availableParallelism() }, () =>
    execa(process.execPath, ['-e', 'for (;;);'], { reject: false }),
  );
  const { exit } = await searchOn(
    {
      seed: first === undefined ? before.nextSeed : countIn(first),
      goal,
      said: (passed) => `${passed} starts did what they must`,
      proved: (next, passed) => ({
        starts: { nextSeed: Math.max(next, before.nextSeed), starts: before.starts + passed },
      }),
      one: async (seed) => {
        const own = { ...env, ROLLCALL_STARTS_SEED: String(seed) };
        return (await problemOf('test/live/agent-starts.test.ts', own)) ?? STARTS_OF_A_CELL;
      },
    },
    stop,
  );
  for (const busy of load) busy.kill();
  return exit;
}
