// `npm run generate`: writes every generated file.
import { root } from './bootstrap/place.mjs';
import { generatedFiles, staleFiles, writeFiles } from './generated-files.ts';
import { usageFailure } from '../src/model/failure.ts';
import { print, runTool } from './tool.ts';

await runTool({ 'runbook-url': { type: 'string' } }, ({ 'runbook-url': address }) => {
  const files = generatedFiles(webAddress(address));
  const stale = staleFiles(files, root);
  writeFiles(files, root);
  print(`${files.size} files generated, ${stale.length} of them changed`);
});

/** @throws KnownFailure USAGE */
function webAddress(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw usageFailure(
    `--runbook-url ${text} is not a web address: it must begin with https:// or http://`,
  );
}
