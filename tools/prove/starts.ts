import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import { processIo } from '../../src/terminal/io.ts';
import { provedSoFar } from './page.ts';
import { countIn, keeper, problemOf, say } from './search-io.ts';

const GOAL = '50';
const STARTS_OF_A_CELL = 10;

/** `starts [STARTS] [SEED]`: updates agents, and starts them on cells in a box, one cell for each seed, until one does what it must not. */
export async function proveStarts(
  [starts = GOAL, first]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  const goal = countIn(starts);
  const { starts: before } = provedSoFar();
  let seed = first === undefined ? before.nextSeed : countIn(first);
  let done = 0;
  const shown = (): string => `${done} starts did what they must`;
  const kept = keeper(
    () => ({
      starts: { nextSeed: Math.max(seed, before.nextSeed), starts: before.starts + done },
    }),
    shown,
  );
  say(`begins with seed ${seed}`);
  const load = Array.from({ length: 2 * availableParallelism() }, () =>
    execa(process.execPath, ['-e', 'for (;;);'], { reject: false }),
  );
  const env = { ROLLCALL_STARTS: String(STARTS_OF_A_CELL) };
  let problem = await problemOf('test/live/agent-update.test.ts', env);
  while (done < goal && problem === null && !stop.aborted) {
    problem = await problemOf('test/live/agent-starts.test.ts', {
      ...env,
      ROLLCALL_STARTS_SEED: String(seed),
    });
    if (problem !== null) continue;
    seed += 1;
    done += STARTS_OF_A_CELL;
    await kept.pause();
  }
  for (const busy of load) busy.kill();
  kept.write();
  processIo.stdout(`${stop.aborted || problem === null ? shown() : problem}\n`);
  if (stop.aborted) return 130;
  return problem === null ? 0 : 1;
}
