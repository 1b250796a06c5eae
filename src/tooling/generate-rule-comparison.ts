import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { comparisonPage } from './rule-comparison/comparison-page.ts';
import { recordedSets } from './rule-comparison/recorded-tables.ts';

/** Writes docs/mount-rules.md. The recordings are no part of the project: without them the page stays as it is. */
const folder = process.argv[2] ?? process.env['ROLLCALL_RECORDINGS'];
const page = fileURLToPath(new URL('../../docs/mount-rules.md', import.meta.url));
if (folder === undefined) {
  console.error(
    'Give the folder of the recordings, or set ROLLCALL_RECORDINGS; docs/mount-rules.md stays as it is.',
  );
  process.exitCode = 2;
} else {
  const { published, constructed } = recordedSets(folder);
  writeFileSync(
    page,
    comparisonPage({ 'Published tables': published, 'Constructed tables': constructed }),
  );
}
