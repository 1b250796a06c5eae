import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT_FAILED } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { sha256OfFile } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { makeExecutables, type Program } from './single-executables.ts';

/**
 * Makes the executables of a program, and the checksums of these and of other files in the folder.
 * Reports what was made and what was not.
 * @param files other files, which exist already
 * @returns the exit code
 */
export async function fillFolder(
  folder: string,
  program: Program,
  files: readonly string[],
): Promise<number> {
  const made = [...files];
  let exit = 0;
  for await (const result of makeExecutables(program, folder)) {
    if (result.kind === 'failed') {
      processIo.stderr(`no executable for ${result.platform}: ${result.why.message}\n`);
      exit = EXIT_FAILED;
    } else {
      made.push(result.file);
      sayMade(result.file, result.isTested ? ', started once' : ', untested: it cannot run here');
    }
  }
  await writeChecksums(folder, made);
  return exit;
}

/** For `sha256sum --check` in that folder. */
export async function writeChecksums(folder: string, files: readonly string[]): Promise<void> {
  const lines = files.map(async (file) => `${await sha256OfFile(file)}  ${path.basename(file)}\n`);
  writeFileSync(path.join(folder, 'SHA256SUMS'), (await Promise.all(lines)).join(''));
}

export function sayMade(file: string, more = ''): void {
  const kibibytes = statSync(file).size / 1024;
  const size =
    kibibytes < 10_240 ? `${Math.round(kibibytes)} KiB` : `${Math.round(kibibytes / 1024)} MiB`;
  processIo.stdout(`${path.relative(root, file)}: ${size}${more}\n`);
}
