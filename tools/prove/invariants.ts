import { processIo } from '../../src/terminal/io.ts';
import { replayText, searchBatch, type Searched } from '../../test/invariants/search.ts';
import { provedSoFar, type Proved } from './page.ts';
import { countIn, keeper, say } from './search-io.ts';

const PASSES = '1000000';
/** More than these have one cause that must be found first. */
const MAX_BROKEN_SEEDS = 10;

/** `invariants [PASSES]`: checks the invariants in many more histories than `npm test` does. */
export async function proveInvariants(
  [passes = PASSES]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  const goal = countIn(passes);
  const { invariants: first } = provedSoFar();
  let now = first;
  const held = (): string => `every property held in ${now.passes - first.passes} passes`;
  const kept = keeper(
    () => ({ invariants: now }),
    () => `${held()}; the next seed is ${now.nextSeed}`,
  );
  say(`begins with seed ${first.brokenSeeds[0] ?? first.nextSeed}`);
  const again = [...first.brokenSeeds];
  while (now.passes - first.passes < goal && !stop.aborted) {
    const searched = await searchBatch(again.shift() ?? now.nextSeed);
    now = withSearched(now, searched);
    for (const name of searched.broken.keys()) {
      say(`seed ${searched.seed} breaks a property; looks for the shortest history that does`);
      processIo.stdout(`${await replayText(name, searched)}\n`);
    }
    if (again.length === 0 && now.brokenSeeds.length >= MAX_BROKEN_SEEDS) break;
    await kept.pause();
  }
  kept.write();
  processIo.stdout(`${held()}\n`);
  if (stop.aborted) return 130;
  return now.brokenSeeds.length === 0 ? 0 : 1;
}

export function withSearched(
  { nextSeed, passes, histories, brokenSeeds }: Proved['invariants'],
  searched: Searched,
): Proved['invariants'] {
  const { seed } = searched;
  const others = brokenSeeds.filter((one) => one !== seed);
  const after = { nextSeed: Math.max(nextSeed, seed + 1), passes, histories, brokenSeeds: others };
  return searched.broken.size > 0
    ? { ...after, brokenSeeds: [...others, seed] }
    : {
        ...after,
        passes: passes + searched.passes,
        histories: histories + searched.histories,
      };
}
