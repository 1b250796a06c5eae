import { globSync } from 'node:fs';
import { usageFailure } from '../../src/model/failure.ts';

const ALL_LIVE_TESTS = 'test/live/*.test.ts';

/**
 * The test files that match these globs, from the top of the checkout; all live tests if there is none.
 * @param root the checkout
 * @throws KnownFailure USAGE for a word that is not a file or glob of tests
 */
export function testFiles(words: readonly string[], root: string): readonly string[] {
  const wrong = words.find((word) => word.startsWith('-') || !word.endsWith('.ts'));
  if (wrong !== undefined) {
    throw usageFailure(`${wrong} is not a test file: npm run tool -- vm [TESTS…]`);
  }
  const files = (words.length === 0 ? [ALL_LIVE_TESTS] : words).flatMap((glob) => {
    const found = globSync(glob, { cwd: root }).toSorted();
    if (found.length === 0) throw usageFailure(`no test file matches ${glob}`);
    return found;
  });
  return [...new Set(files)];
}
