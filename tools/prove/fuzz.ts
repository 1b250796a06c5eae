import { processIo } from '../../src/terminal/io.ts';
import { BOUNDARIES, type BoundaryName } from '../../test/fuzz/boundaries.ts';
import { fuzz } from '../../test/fuzz/search.ts';
import { provedSoFar } from './page.ts';
import { countIn, keeper, say } from './search-io.ts';

/** `fuzz [BOUNDARY] [COUNT]`: gives one boundary, or all in turn, many more texts than `npm test` does. */
export async function proveFuzz(args: readonly string[], stop: AbortSignal): Promise<number> {
  const [first] = args;
  const names = isBoundary(first) ? [first] : Object.keys(BOUNDARIES).filter(isBoundary);
  const count = isBoundary(first) ? args[1] : first;
  const goal = count === undefined ? null : countIn(count);
  let found = 0;
  for (const name of names) {
    if (stop.aborted) return 130;
    const { fuzz: before } = provedSoFar();
    const { nextSeed: seed, inputs: earlier } = before[name] ?? { nextSeed: 1, inputs: 0 };
    let inputs = 0;
    const kept = keeper(
      () => ({ fuzz: { ...before, [name]: { nextSeed: seed + 1, inputs: earlier + inputs } } }),
      () => `${name}: ${inputs} texts`,
    );
    say(`${name}: begins with seed ${seed}`);
    const { finding } = await fuzz(
      BOUNDARIES[name],
      { seed, goal: goal ?? BOUNDARIES[name].goal },
      async (done) => {
        inputs = done;
        await kept.pause();
        return !stop.aborted;
      },
    );
    kept.write();
    if (finding !== null) found += 1;
    processIo.stdout(
      finding === null
        ? `${name}: nothing in ${inputs} texts\n`
        : `${name}, after ${inputs} texts with seed ${seed}: ${finding.problem}\n${JSON.stringify(finding.input)}\n`,
    );
  }
  if (stop.aborted) return 130;
  return found === 0 ? 0 : 1;
}

const isBoundary = (name: string | undefined): name is BoundaryName =>
  name !== undefined && Object.hasOwn(BOUNDARIES, name);
