// `npm run generate`: writes every generated file.
import { finish } from '../src/terminal/failing.ts';
import { processIo } from '../src/terminal/io.ts';
import { root } from './bootstrap/place.mjs';
import { generatedFiles, staleFiles, writeFiles } from './generated-files.ts';
import { KnownFailure } from '../src/model/failure.ts';
import { typedOptions } from '../src/terminal/options.ts';

/** @returns 0, or 1 if `--check` found a stale file */
function generate(): number {
  const options = typedOptions({
    check: { type: 'boolean', default: false },
    'runbook-url': { type: 'string' },
  });
  const runbookUrl = webAddress(options['runbook-url']);
  const files = generatedFiles(runbookUrl);
  const stale = staleFiles(files, root);
  if (!options.check) {
    writeFiles(files, root);
    processIo.stdout(`${files.size} files generated, ${stale.length} of them changed\n`);
    return 0;
  }
  if (stale.length === 0) {
    processIo.stdout(`${files.size} generated files are up to date\n`);
    return 0;
  }
  for (const file of stale) processIo.stderr(`stale: ${file}\n`);
  processIo.stderr('Run npm run generate and commit the result.\n');
  return 1;
}

/** @throws KnownFailure USAGE */
function webAddress(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new KnownFailure(
    'USAGE',
    `--runbook-url ${text} is not a web address: it must begin with https:// or http://`,
  );
}

process.exitCode = await finish(() => Promise.resolve(generate()), processIo);
