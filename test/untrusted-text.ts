import { expect } from 'chai';
import fc from 'fast-check';
import { KnownFailure } from '../src/model/failure.ts';
import { changedTexts } from './changed-texts.ts';
import { inTime } from './linear/in-time.ts';

/**
 * How many changed texts each reader gets. A run for which somebody set the number takes other
 * texts each time.
 */
const RUNS = process.env['ROLLCALL_RUNS'];
const USUAL_RUNS = 400;
/** So that a failure is about a change of the code, and not about luck. */
const USUAL_SEED = 1;

/** What a terminal obeys, and what ends a line. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** CPU time: a hundred times what a linear function takes for the longest text. */
const SLOW_MICROSECONDS = 500_000;
/** V8 may compile, or collect garbage, in one of them. */
const MEASUREMENTS = 3;
/** On a busy machine; what takes longer never ends. */
const MAX_READ_MILLISECONDS = 60_000;
const MAX_SHRINKING_MILLISECONDS = 20_000;
const MAX_SHOWN = { perCharacter: 64, more: 1_000_000 };

/** Texts that somebody else writes and rollcall reads. */
interface UntrustedText {
  /** What is changed: as the kernel, Garden, a sensor or a server writes it. */
  readonly recorded: () => readonly string[];
  /** The codes of the failures that a text may cause; nothing else is thrown. */
  readonly failures?: readonly string[];
  /** @returns what is shown of a text, line by line */
  readonly read: (text: string) => readonly string[] | Promise<readonly string[]>;
}

/**
 * Tests that a text, whatever it is made of, causes only the declared failures, takes time by its
 * size, and neither steers a terminal nor grows much when it is shown.
 * @param what was written by others, as the subject of the test's title
 */
export function keepsPromises(
  what: string,
  { recorded, failures = [], read }: UntrustedText,
): void {
  it(`${what} is read in time, fails only as declared and steers no terminal, whatever it holds`, async function () {
    if (RUNS !== undefined) this.timeout(0);
    const texts = recorded();
    let shrinkingEnds = Infinity;
    const linesOf = async (text: string): Promise<readonly string[]> => {
      try {
        return await inTime(() => read(text), MAX_READ_MILLISECONDS);
      } catch (error) {
        if (error instanceof KnownFailure && failures.includes(error.code)) return [error.message];
        throw error;
      }
    };
    const property = fc.asyncProperty(changedTexts(texts), async (text) => {
      if (performance.now() > shrinkingEnds) return;
      try {
        expectGoodLines(await linesInTime(() => linesOf(text)), text.length);
      } catch (error) {
        shrinkingEnds = Math.min(shrinkingEnds, performance.now() + MAX_SHRINKING_MILLISECONDS);
        throw error;
      }
    });
    await fc.assert(property, {
      examples: texts.map((text) => [text]),
      numRuns: texts.length + Number(RUNS ?? USUAL_RUNS),
      ...(RUNS === undefined ? { seed: USUAL_SEED } : {}),
    });
  });
}

async function linesInTime(linesOf: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (let measured = 1; ; measured++) {
    const begun = process.threadCpuUsage();
    const lines = await linesOf();
    if (process.threadCpuUsage(begun).user < SLOW_MICROSECONDS) return lines;
    if (measured === MEASUREMENTS) throw new Error('takes too long');
  }
}

function expectGoodLines(lines: readonly string[], length: number): void {
  const shown = lines.join('');
  const [steering = ''] = STEERING.exec(shown) ?? [];
  expect(JSON.stringify(steering), 'shown to a terminal').to.equal('""');
  expect(shown.length, 'characters that are shown').to.be.at.most(
    MAX_SHOWN.perCharacter * length + MAX_SHOWN.more,
  );
}
