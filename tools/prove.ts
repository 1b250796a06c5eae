// `npm run prove -- invariants [PASSES]`: checks the invariants in many more histories than
// `npm test` does, goes on where the last search stopped, and writes what all searches have shown to
// docs/proof.md.
import { setImmediate as pause } from 'node:timers/promises';
import { KnownFailure } from '../src/model/failure.ts';
import { finish } from '../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../src/terminal/io.ts';
import { replayText, searchBatch } from '../test/invariants/search.ts';
import { root } from './bootstrap/place.mjs';
import { writeFiles } from './generated-files.ts';
import { proofFiles, provedSoFar, withSearched } from './proof-page.ts';

const PASSES = '1000000';
/** More than these have one cause that must be found first. */
const MAX_BROKEN_SEEDS = 10;
const PROGRESS_MILLISECONDS = 5000;
const WRITE_MILLISECONDS = 60_000;

const say = (what: string): void => processIo.stderr(`rollcall: ${what}\n`);

/** @returns 0; 1 if a history breaks a property; 130 if it was interrupted */
async function prove(stop: AbortSignal): Promise<number> {
  const goal = passesAskedFor(process.argv.slice(2));
  const first = provedSoFar();
  let proved = first;
  const held = (): string => `every property held in ${proved.passes - first.passes} passes`;
  const write = every(WRITE_MILLISECONDS, () => writeFiles(proofFiles(proved), root));
  const progress = every(PROGRESS_MILLISECONDS, () =>
    say(`${held()}; the next seed is ${proved.nextSeed}`),
  );
  say(`begins with seed ${first.brokenSeeds[0] ?? first.nextSeed}`);
  const again = [...first.brokenSeeds];
  while (proved.passes - first.passes < goal && !stop.aborted) {
    const searched = await searchBatch(again.shift() ?? proved.nextSeed);
    proved = withSearched(proved, searched);
    for (const name of searched.broken.keys()) {
      say(`seed ${searched.seed} breaks a property; looks for the shortest history that does`);
      processIo.stdout(`${await replayText(name, searched)}\n`);
    }
    if (again.length === 0 && proved.brokenSeeds.length >= MAX_BROKEN_SEEDS) break;
    progress.perhaps();
    write.perhaps();
    // The search itself never waits, so signals would not be seen.
    await pause();
  }
  write.now();
  processIo.stdout(`${held()}\n`);
  if (stop.aborted) return 130;
  return proved.brokenSeeds.length === 0 ? 0 : 1;
}

/** @throws KnownFailure USAGE */
function passesAskedFor(args: readonly string[]): number {
  const [what, passes = PASSES, ...more] = args;
  if (what === 'invariants' && /^[1-9]\d{0,8}$/.test(passes) && more.length === 0)
    return Number(passes);
  const given = args.length === 0 ? 'nothing is given' : args.join(' ');
  throw new KnownFailure(
    'USAGE',
    `${given}: give invariants, then PASSES (a whole number) or none`,
  );
}

function every(milliseconds: number, act: () => void) {
  let last = performance.now();
  const now = (): void => {
    last = performance.now();
    act();
  };
  return { now, perhaps: () => (performance.now() - last < milliseconds ? undefined : now()) };
}

process.exitCode = await finish(() => untilInterrupted(prove), processIo);
