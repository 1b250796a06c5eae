import { comparisonPage } from './comparison-page.ts';
import { recordedSets } from './recorded-tables.ts';

/** docs/mount-rules.md, from the folder of the recordings. They are no part of the project: without them the page stays as it is. */
export function ruleComparisonFiles(recordings: string | null): ReadonlyMap<string, string> {
  if (recordings === null) return new Map();
  const { published, constructed } = recordedSets(recordings);
  const page = comparisonPage({
    'Published tables': published,
    'Constructed tables': constructed,
  });
  return new Map([['docs/mount-rules.md', page]]);
}
