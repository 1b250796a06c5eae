// `npm run tool -- release:check`: finds what bosh create-release packs silently and fails later.
import path from 'node:path';
import { usageFailure } from '../../src/model/failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { checkRelease } from './release-checks.ts';
import { makeParts } from './create-release.ts';
import { readRelease } from './read-release.ts';
import { findingLine } from './spec-files.ts';

/** @returns 0, or 1 if it found something */
async function check(): Promise<number> {
  const folder = folderOf(process.argv.slice(2));
  if (path.resolve(folder) === root) await makeParts();
  const release = readRelease(folder);
  const findings = checkRelease(release);
  if (findings.length > 0) {
    processIo.stdout(`${findings.map(findingLine).join('\n')}\n`);
    return 1;
  }
  const { jobs, packages } = release;
  for (const [kind, all] of Object.entries({ job: jobs, package: packages }))
    for (const one of all)
      processIo.stdout(
        [`${kind} ${one.folder}`, ...one.files.map(({ from }) => `  ${from}`), ''].join('\n'),
      );
  processIo.stdout(`${jobs.length} jobs, ${packages.length} packages: nothing found\n`);
  return 0;
}

/** @throws KnownFailure USAGE for an option, or for more than one folder */
function folderOf([folder = root, ...more]: readonly string[]): string {
  const wrong = folder.startsWith('-') ? folder : more[0];
  if (wrong === undefined) return folder;
  throw usageFailure(`${wrong}: give one FOLDER, or nothing for this checkout`);
}

process.exitCode = await finish(check, processIo);
