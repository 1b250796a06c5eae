import { execa } from 'execa';
import { KnownFailure } from '../../src/model/failure.ts';
import { processIo } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { provedSoFar } from './page.ts';
import { countIn, keeper, say } from './search-io.ts';

const STEPS = '5000';
/** As many as a cell of the test lives through. */
const STEPS_OF_A_CELL = 25;
const MOCHA = ['node_modules/mocha/bin/mocha.js', 'test/live/kernel-model.test.ts'];

/** `kernel [STEPS] [SEED]`: lives through cells in a box, one for each seed, until one differs. */
export async function proveKernel(
  [steps = STEPS, first, ...more]: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  if (more.length > 0)
    throw new KnownFailure('USAGE', 'after kernel, give STEPS and SEED, or less');
  const goal = countIn(steps);
  const before = provedSoFar();
  let now = before.kernel;
  if (first !== undefined) now = { ...now, nextSeed: countIn(first) };
  const agreed = (): string => `all agreed in ${now.steps - before.kernel.steps} steps`;
  const kept = keeper(
    () => ({
      ...before,
      kernel: { ...now, nextSeed: Math.max(now.nextSeed, before.kernel.nextSeed) },
    }),
    agreed,
  );
  say(`begins with seed ${now.nextSeed}`);
  while (now.steps - before.kernel.steps < goal && !stop.aborted) {
    const env = {
      ROLLCALL_KERNEL_STEPS: String(STEPS_OF_A_CELL),
      ROLLCALL_KERNEL_SEED: String(now.nextSeed),
    };
    // Not cancelled by `stop`: the test gets Ctrl-C, too, and removes its cell.
    const ran = await execa(process.execPath, MOCHA, { cwd: root, env, all: true, reject: false });
    if (stop.aborted) break;
    if (ran.exitCode !== 0 || !ran.all.includes('1 passing')) {
      processIo.stdout(`${ran.all}\n`);
      kept.write();
      return 1;
    }
    now = { nextSeed: now.nextSeed + 1, steps: now.steps + STEPS_OF_A_CELL };
    await kept.pause();
  }
  kept.write();
  processIo.stdout(`${agreed()}\n`);
  return stop.aborted ? 130 : 0;
}
