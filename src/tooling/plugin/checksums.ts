import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Lines for `sha256sum --check`, to be run in the folder of the files. */
export function checksums(files: readonly string[]): string {
  return files
    .map(
      (file) =>
        `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${path.basename(file)}\n`,
    )
    .join('');
}
