import { processIo } from '../../src/terminal/io.ts';
import { provedSoFar } from './page.ts';
import { countIn, runTest, say, searchOn } from './search-io.ts';

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
  const from = first === undefined ? before.nextSeed : countIn(first);
  if (/^[a-z]/.test(steps)) {
    const problem = await differenceOf(steps, from);
    processIo.stdout(`${problem ?? 'all agreed'}\n`);
    return problem === null ? 0 : 1;
  }
  const { exit, seed, problem } = await searchOn(
    {
      seed: from,
      goal: countIn(steps),
      said: (passed) => `all agreed in ${passed} steps`,
      proved: (next, passed) => ({
        kernel: { nextSeed: Math.max(next, before.nextSeed), steps: before.steps + passed },
      }),
      one: async (cell) =>
        (await differenceOf(String(STEPS_OF_A_CELL), cell)) ?? {
          passed: STEPS_OF_A_CELL,
          nextSeed: cell + 1,
        },
    },
    stop,
  );
  if (problem === null) return exit;
  const [, taken] = /^STEPS: (.+)$/m.exec(problem) ?? [];
  const fewest = taken === undefined ? null : await fewestSteps(taken.split(', '), seed, stop);
  processIo.stdout(
    fewest === null
      ? 'The same steps did not show it again.\n'
      : `To see it again: npm run prove -- kernel '${fewest.join(', ')}' ${seed}\n`,
  );
  return exit;
}

/** What mocha says of a cell where agent, model and kernel differ; null: they agree. */
async function differenceOf(steps: string, seed: number): Promise<string | null> {
  const { hasPassed, output } = await runTest('test/live/kernel-model.test.ts', {
    ROLLCALL_KERNEL_STEPS: steps,
    ROLLCALL_KERNEL_SEED: String(seed),
  });
  return hasPassed ? null : output;
}

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
