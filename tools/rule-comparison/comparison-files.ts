import { KnownFailure } from '../../src/model/failure.ts';
import { comparisonPage } from './comparison-page.ts';
import { recordedSets } from './recorded-tables.ts';

/**
 * docs/mount-rules.md, from the folder of the recordings. They are no part of the project: without them the page stays as it is.
 * @throws KnownFailure FILE_UNREADABLE
 */
export function ruleComparisonFiles(recordings: string | null): ReadonlyMap<string, string> {
  if (recordings === null) return new Map();
  const { published, constructed } = readSets(recordings);
  const page = comparisonPage({
    'Published tables': published,
    'Constructed tables': constructed,
  });
  return new Map([['docs/mount-rules.md', page]]);
}

function readSets(folder: string): ReturnType<typeof recordedSets> {
  try {
    return recordedSets(folder);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KnownFailure('FILE_UNREADABLE', `${folder} has no recorded mount tables: ${why}`, {
      cause,
    });
  }
}
