import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import { KnownFailure } from '../../src/model/failure.ts';
import { processIo } from '../../src/terminal/io.ts';
import { provedSoFar } from './page.ts';
import { countIn, keeper, problemOf, say } from './search-io.ts';

const GOAL = '50';
const STARTS_OF_A_CELL = 10;

/** `starts [STARTS] [SEED]`: updates agents, and starts them on cells in a box, one cell for each seed, until one does what it must not. */
export async function proveStarts(
  [starts = GOAL, first, ...more]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  if (more.length > 0)
    throw new KnownFailure('USAGE', 'after starts, give STARTS and SEED, or less');
  const goal = countIn(starts);
  const before = provedSoFar();
  let { nextSeed, starts: done } = before.starts;
  if (first !== undefined) nextSeed = countIn(first);
  const shown = (): string => `${done - before.starts.starts} starts did what they must`;
  const kept = keeper(
    () => ({
      ...before,
      starts: { nextSeed: Math.max(nextSeed, before.starts.nextSeed), starts: done },
    }),
    shown,
  );
  say(`begins with seed ${nextSeed}`);
  const load = Array.from({ length: 2 * availableParallelism() }, () =>
    execa(process.execPath, ['-e', 'for (;;);'], { reject: false }),
  );
  const env = { ROLLCALL_STARTS: String(STARTS_OF_A_CELL) };
  let problem = await problemOf('test/live/agent-update.test.ts', env);
  while (done - before.starts.starts < goal && problem === null && !stop.aborted) {
    problem = await problemOf('test/live/agent-starts.test.ts', {
      ...env,
      ROLLCALL_STARTS_SEED: String(nextSeed),
    });
    if (problem !== null) continue;
    nextSeed += 1;
    done += STARTS_OF_A_CELL;
    await kept.pause();
  }
  for (const busy of load) busy.kill();
  kept.write();
  processIo.stdout(`${stop.aborted || problem === null ? shown() : problem}\n`);
  if (stop.aborted) return 130;
  return problem === null ? 0 : 1;
}
