// `npm run prove -- PART …`: searches on for what breaks a promise of rollcall, from where the last
// search stopped, and writes what all searches have shown to docs/proof.md.
import { KnownFailure } from '../../src/model/failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { proveFuzz } from './fuzz.ts';
import { proveInvariants } from './invariants.ts';
import { proveKernel } from './kernel.ts';
import { proveMutations } from './mutations.ts';
import { proveStarts } from './starts.ts';
import { proveSupply } from './supply.ts';

/** Each returns 0; 1 if it found anything; 130 if it was interrupted. */
const PARTS: Readonly<
  Record<string, (args: readonly string[], stop: AbortSignal) => Promise<number>>
> = {
  invariants: proveInvariants,
  fuzz: proveFuzz,
  kernel: proveKernel,
  mutations: proveMutations,
  starts: proveStarts,
  supply: proveSupply,
};

/** @throws KnownFailure USAGE */
function prove(stop: AbortSignal): Promise<number> {
  const [name = '', ...args] = process.argv.slice(2);
  if (Object.hasOwn(PARTS, name) && PARTS[name] !== undefined) return PARTS[name](args, stop);
  const given = name === '' ? 'nothing is given' : `there is no part ${name}`;
  throw new KnownFailure(
    'USAGE',
    `${given}: give invariants and PASSES, fuzz, BOUNDARY and COUNT, kernel, STEPS and SEED, starts, STARTS and SEED, or supply; after these, all but the first word can be left out; or mutations, FILE and TESTS`,
  );
}

process.exitCode = await finish(() => untilInterrupted(prove), processIo);
