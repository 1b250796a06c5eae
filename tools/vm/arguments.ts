import { KnownFailure } from '../../src/model/failure.ts';

/** The hierarchies that the machine mounts: only version 2, or also those of version 1. */
export type VmMode = 'v2' | 'hybrid';

export interface VmArguments {
  readonly mode: VmMode;
  /** Files or globs, from the top of the checkout. */
  readonly tests: readonly string[];
}

const ALL_LIVE_TESTS = 'test/live/*.test.ts';

/** @throws KnownFailure USAGE for an option, and for a word that is neither a mode nor a test */
export function testsAndMode(words: readonly string[]): VmArguments {
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
  return { mode: named ?? 'v2', tests: tests.length === 0 ? [ALL_LIVE_TESTS] : tests };
}
