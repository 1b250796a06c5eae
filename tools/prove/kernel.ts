import { processIo } from '../../src/terminal/io.ts';
import { provedSoFar } from './page.ts';
import { countIn, keeper, problemOf, say } from './search-io.ts';

const GOAL = '5000';
const STEPS_OF_A_CELL = 25;

/**
 * `kernel [STEPS] [SEED]`: lives through cells in a box, one for each seed, until one differs; then leaves out steps
 * while the difference remains. STEPS is a number, or a list of steps for one cell.
 */
export async function proveKernel(
  [steps = GOAL, first]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  const { kernel: before } = provedSoFar();
  let seed = first === undefined ? before.nextSeed : countIn(first);
  if (/^[a-z]/.test(steps)) {
    const problem = await differenceOf(steps, seed);
    processIo.stdout(`${problem ?? 'all agreed'}\n`);
    return problem === null ? 0 : 1;
  }
  const goal = countIn(steps);
  let done = 0;
  const agreed = (): string => `all agreed in ${done} steps`;
  const kept = keeper(
    () => ({
      kernel: { nextSeed: Math.max(seed, before.nextSeed), steps: before.steps + done },
    }),
    agreed,
  );
  say(`begins with seed ${seed}`);
  while (done < goal && !stop.aborted) {
    const problem = await differenceOf(String(STEPS_OF_A_CELL), seed);
    if (stop.aborted) break;
    if (problem !== null) {
      kept.write();
      processIo.stdout(`${problem}\n`);
      const [, taken] = /^STEPS: (.+)$/m.exec(problem) ?? [];
      const fewest = taken === undefined ? null : await fewestSteps(taken.split(', '), seed, stop);
      processIo.stdout(
        fewest === null
          ? 'The same steps did not show it again.\n'
          : `To see it again: npm run prove -- kernel '${fewest.join(', ')}' ${seed}\n`,
      );
      return 1;
    }
    seed += 1;
    done += STEPS_OF_A_CELL;
    await kept.pause();
  }
  kept.write();
  processIo.stdout(`${agreed()}\n`);
  return stop.aborted ? 130 : 0;
}

/** What mocha says of a cell where agent, model and kernel differ; null: they agree. */
const differenceOf = (steps: string, seed: number): Promise<string | null> =>
  problemOf('test/live/kernel-model.test.ts', {
    ROLLCALL_KERNEL_STEPS: steps,
    ROLLCALL_KERNEL_SEED: String(seed),
  });

/** The steps that are left when none can go without losing the difference; null: it does not show again. */
async function fewestSteps(
  all: readonly string[],
  seed: number,
  stop: AbortSignal,
): Promise<readonly string[] | null> {
  if ((await differenceOf(all.join(', '), seed)) === null) return null;
  let left = all;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < left.length && !stop.aborted;) {
      const fewer = left.toSpliced(at, size);
      say(`tries ${fewer.length} steps`);
      const shows = fewer.length > 0 && (await differenceOf(fewer.join(', '), seed)) !== null;
      if (shows) left = fewer;
      else at += size;
    }
  }
  return left;
}
