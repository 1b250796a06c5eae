import { execa } from 'execa';
import { usageFailure } from '../../src/model/failure.ts';
import { processIo } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { writeFiles } from '../generated-files.ts';
import { proofFiles, provedSoFar, type Proved } from './page.ts';

export const say = (what: string): void => processIo.stderr(`rollcall: ${what}\n`);

interface Search {
  /** The first seed. */
  readonly seed: number;
  readonly goal: number;
  /** What is shown at the end, by how many passed. */
  readonly said: (passed: number) => string;
  readonly proved: (nextSeed: number, passed: number) => Partial<Proved>;
  /** What passed from this seed on, or the problem that it showed. */
  readonly one: (seed: number) => Promise<Passed | string>;
}

interface Passed {
  readonly passed: number;
  readonly nextSeed: number;
}

/** Takes one seed after the other until `goal` have passed or one shows a problem: with that seed the next search begins. */
export async function searchOn(
  { seed: first, goal, said, proved, one }: Search,
  stop: AbortSignal,
): Promise<{ readonly exit: number; readonly seed: number; readonly problem: string | null }> {
  let seed = first;
  let passed = 0;
  let problem: string | null = null;
  say(`begins with seed ${seed}`);
  while (passed < goal && problem === null) {
    const result = await one(seed);
    if (stop.aborted) break;
    if (typeof result === 'string') problem = result;
    else {
      seed = result.nextSeed;
      passed += result.passed;
      writeFiles(proofFiles({ ...provedSoFar(), ...proved(seed, passed) }), root);
      say(`${said(passed)}; the next seed is ${seed}`);
    }
  }
  processIo.stdout(`${problem ?? said(passed)}\n`);
  return { exit: stop.aborted ? 130 : problem === null ? 0 : 1, seed, problem };
}

/** @throws KnownFailure USAGE */
export function countIn(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageFailure(`${text} is not a whole number from 1`);
}

/**
 * Runs a test file, and ends with what mocha wrote.
 * @param env what tells the test where to search
 */
export async function runTest(
  test: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly hasPassed: boolean; readonly output: string }> {
  const command = ['node_modules/mocha/bin/mocha.js', test];
  // Not cancelled by a signal: the test gets Ctrl-C, too, and a live one removes its cell.
  const ran = await execa(process.execPath, command, { cwd: root, env, all: true, reject: false });
  const hasRun = /^ +[1-9]\d* passing/m.test(ran.all) && !/^ +\d+ pending/m.test(ran.all);
  return { hasPassed: ran.exitCode === 0 && hasRun, output: ran.all };
}
