// `npm run generate`: writes every generated file.
import { processIo } from '../src/terminal/io.ts';
import { root } from './bootstrap/place.mjs';
import { generatedFiles, staleFiles, writeFiles } from './generated-files.ts';
import { usageFailure } from '../src/model/failure.ts';
import { print, runTool } from './tool.ts';

const options = {
  check: { type: 'boolean', default: false },
  'runbook-url': { type: 'string' },
} as const;

/** The exit code is 1 if `--check` found a stale file. */
await runTool(options, ({ check, 'runbook-url': address }) => {
  const runbookUrl = webAddress(address);
  const files = generatedFiles(runbookUrl);
  const stale = staleFiles(files, root);
  if (!check) {
    writeFiles(files, root);
    print(`${files.size} files generated, ${stale.length} of them changed`);
    return 0;
  }
  if (stale.length === 0) {
    print(`${files.size} generated files are up to date`);
    return 0;
  }
  for (const file of stale) processIo.stderr(`stale: ${file}\n`);
  processIo.stderr('Run npm run generate and commit the result.\n');
  return 1;
});

/** @throws KnownFailure USAGE */
function webAddress(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw usageFailure(
    `--runbook-url ${text} is not a web address: it must begin with https:// or http://`,
  );
}
