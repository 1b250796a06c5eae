import { globSync } from 'node:fs';
import { KnownFailure } from '../../src/model/failure.ts';

/** The hierarchies that the machine mounts: only version 2, or also those of version 1. */
export type VmMode = 'v2' | 'hybrid';

export interface VmArguments {
  readonly mode: VmMode;
  /** Files, from the top of the checkout. */
  readonly tests: readonly string[];
}

const ALL_LIVE_TESTS = 'test/live/*.test.ts';

/**
 * @param root the checkout
 * @throws KnownFailure USAGE for a word that is neither a mode nor a file or glob of tests
 */
export function testsAndMode(words: readonly string[], root: string): VmArguments {
  const [first, ...others] = words;
  const named = first === 'v2' || first === 'hybrid' ? first : null;
  const tests = named === null ? words : others;
  const wrong = tests.find((word) => word.startsWith('-') || !word.endsWith('.ts'));
  if (wrong !== undefined) {
    throw new KnownFailure(
      'USAGE',
      `${wrong} is neither a mode nor a test file: npm run vm -- [v2|hybrid] [TESTS…]`,
    );
  }
  const globs = tests.length === 0 ? [ALL_LIVE_TESTS] : tests;
  return { mode: named ?? 'v2', tests: [...new Set(globs.flatMap((glob) => filesOf(glob, root)))] };
}

function filesOf(glob: string, root: string): readonly string[] {
  const files = globSync(glob, { cwd: root }).toSorted();
  if (files.length === 0) throw new KnownFailure('USAGE', `no test file matches ${glob}`);
  return files;
}
