// `npm run prove -- PART …`: searches on for what breaks a promise of rollcall, from where the last
// search stopped, and writes what all searches have shown to docs/contributing/proof.md.
import { usageFailure } from '../../src/model/failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { proveInvariants } from './invariants.ts';
import { proveKernel } from './kernel.ts';
import { proveMutations } from './mutations.ts';

/** Each takes so many words at most, and returns 0; 1 if it found anything; 130 if it was interrupted. */
const PARTS: Readonly<
  Record<
    string,
    readonly [most: number, (args: readonly string[], stop: AbortSignal) => Promise<number>]
  >
> = {
  invariants: [1, proveInvariants],
  kernel: [2, proveKernel],
  mutations: [Infinity, proveMutations],
};

/** @throws KnownFailure USAGE */
function prove(stop: AbortSignal): Promise<number> {
  const [name = '', ...args] = process.argv.slice(2);
  const [most, run] = (Object.hasOwn(PARTS, name) ? PARTS[name] : undefined) ?? [-1];
  if (run !== undefined && args.length <= most) return run(args, stop);
  throw usageFailure(
    `${process.argv.slice(2).join(' ')}: give invariants and PASSES, or kernel, STEPS and SEED; after these, all but the first word can be left out; or mutations, FILE and TESTS`,
  );
}

process.exitCode = await finish(() => untilInterrupted(prove), processIo);
