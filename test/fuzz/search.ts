import { inspect } from 'node:util';
import { KnownFailure } from '../../src/model/failure.ts';
import { inTime } from '../linear/in-time.ts';
import { Coverage } from './coverage.ts';
import { inputMaker, randomOf } from './made-inputs.ts';

/** What a terminal obeys, and what ends a line. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const BATCH = 500;
/** A hundred times what a linear function takes for the longest text. */
const SLOW_MICROSECONDS = 500_000;
/** V8 may compile, or collect garbage, in one of them. */
const MEASUREMENTS = 3;
/** On a busy machine; a batch that takes longer has a text that never ends. */
const MAX_BATCH_MILLISECONDS = 600_000;
const MAX_SHORTENING_MILLISECONDS = 20_000;
/** Texts made of longer ones would be long, and few. */
const MAX_KEPT = 10_000;
const MAX_SHOWN = { perCharacter: 64, more: 1_000_000 };

/** Where bytes of others come in. */
export interface Boundary {
  /** How many texts a whole search gives it. */
  readonly goal: number;
  readonly seeds: () => string[];
  /**
   * What is shown of a text, line by line: it must not steer a terminal, nor be much longer than the
   * text.
   * @throws KnownFailure and nothing else
   */
  readonly read: (text: string) => readonly string[] | Promise<readonly string[]>;
}

export interface Finding {
  readonly problem: string;
  /** The shortest that was found. */
  readonly input: string;
}

export interface Fuzzed {
  readonly inputs: number;
  readonly finding: Finding | null;
}

/**
 * Gives a boundary texts made of its seeds, and of those texts that reached code no earlier one did.
 * @param goesOn called after each batch
 */
export async function fuzz(
  boundary: Boundary,
  { seed, goal }: { readonly seed: number; readonly goal: number },
  goesOn: (inputs: number) => Promise<boolean>,
): Promise<Fuzzed> {
  const coverage = new Coverage(new URL('../../src/', import.meta.url).href);
  const make = inputMaker(randomOf(seed));
  const known = boundary.seeds();
  /** By halves, because to ask V8 costs more than many texts. */
  const reachingMore = async (batch: readonly string[]): Promise<readonly string[]> => {
    await findingIn(boundary, batch);
    if (!coverage.isMore(batch.length === 1)) return [];
    if (batch.length === 1) return batch.filter(({ length }) => length <= MAX_KEPT);
    const half = Math.ceil(batch.length / 2);
    const first = await reachingMore(batch.slice(0, half));
    return [...first, ...(await reachingMore(batch.slice(half)))];
  };
  let inputs = 0;
  try {
    // `npm test` checks them.
    await findingIn(boundary, known);
    coverage.isMore(true);
    for (let goes = true; goes && inputs < goal; goes = await goesOn(inputs)) {
      const batch = Array.from({ length: Math.min(BATCH, goal - inputs) }, () => make(known));
      const finding = await findingIn(boundary, batch);
      if (finding !== null) return { inputs, finding: await shortest(boundary, finding) };
      inputs += batch.length;
      if (!coverage.isMore(false)) continue;
      known.push(...(await reachingMore(batch)));
      // What only many texts together reach, as when V8 compiles anew, would be looked for each time.
      await findingIn(boundary, batch);
      coverage.isMore(true);
    }
    return { inputs, finding: null };
  } finally {
    coverage.close();
  }
}

/** The first text of which a boundary makes something wrong; null: there is none. */
export async function findingIn(
  { read }: Boundary,
  inputs: readonly string[],
): Promise<Finding | null> {
  let input = '';
  try {
    const all = inTime(() => {
      const shown: ReturnType<typeof read>[] = [];
      for (input of inputs) shown.push(inGoodTime(read, input));
      return shown;
    }, MAX_BATCH_MILLISECONDS);
    for (const [index, shown] of all.entries()) {
      input = inputs[index] ?? '';
      const problem = shownProblem(await shown, input.length);
      if (problem !== null) return { problem, input };
    }
    return null;
  } catch (error) {
    const [at = ''] = /\n +at .*\/(?:src|fuzz)\/.*/.exec(inspect(error)) ?? [];
    return { problem: `${String(error)}${at.trim() === '' ? '' : ` ${at.trim()}`}`, input };
  }
}

/** @throws what is not a known failure */
function inGoodTime(read: Boundary['read'], input: string): ReturnType<Boundary['read']> {
  for (let measured = 1; ; measured++) {
    const begun = process.threadCpuUsage();
    try {
      const shown = read(input);
      if (process.threadCpuUsage(begun).user < SLOW_MICROSECONDS)
        return shown instanceof Promise ? shown.catch(unlessKnown) : shown;
    } catch (error) {
      return unlessKnown(error);
    }
    if (measured === MEASUREMENTS) throw new Error('takes too long');
  }
}

function unlessKnown(error: unknown): readonly string[] {
  if (error instanceof KnownFailure) return [];
  throw error;
}

function shownProblem(texts: readonly string[], length: number): string | null {
  const all = texts.join('');
  const [steering] = STEERING.exec(all) ?? [];
  if (steering !== undefined) return `shows ${JSON.stringify(steering)}`;
  return all.length > MAX_SHOWN.perCharacter * length + MAX_SHOWN.more ? 'shows too much' : null;
}

/** Without every part that the problem does not need. */
async function shortest(boundary: Boundary, { problem, input }: Finding): Promise<Finding> {
  const end = performance.now() + MAX_SHORTENING_MILLISECONDS;
  let left = input;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < left.length && performance.now() < end;) {
      const fewer = left.slice(0, at) + left.slice(at + size);
      if ((await findingIn(boundary, [fewer]))?.problem === problem) left = fewer;
      else at += size;
    }
  }
  return { problem, input: left };
}
