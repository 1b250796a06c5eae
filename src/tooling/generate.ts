// `npm run generate`: writes everything generated anew; with `-- --check` it only says what is stale.
import { parseArgs } from 'node:util';
import { root } from './bootstrap/place.mjs';
import { generatedFiles, staleFiles, writeFiles } from './generated-files.ts';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    recordings: { type: 'string' },
    'runbook-url': { type: 'string' },
  },
});

const recordings = values.recordings ?? process.env['ROLLCALL_RECORDINGS'] ?? null;
const files = generatedFiles({ recordings, runbookUrl: values['runbook-url'] ?? null });
const stale = staleFiles(files, root);
if (recordings === null) {
  console.error(
    'docs/mount-rules.md is left as it is: give --recordings FOLDER, or set ROLLCALL_RECORDINGS.',
  );
}
if (!values.check) {
  writeFiles(files, root);
  console.log(`${files.size} files generated, ${stale.length} of them changed`);
} else if (stale.length === 0) {
  console.log(`${files.size} generated files are as they should be`);
} else {
  for (const file of stale) console.error(`stale: ${file}`);
  console.error('Run npm run generate, and keep what it writes.');
  process.exitCode = 1;
}
