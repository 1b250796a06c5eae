import path from 'node:path';
import { sha256OfFile } from '../file-sha256.ts';

/** Lines for `sha256sum --check`, to be run in the folder of the files. */
export async function checksums(files: readonly string[]): Promise<string> {
  const lines = files.map(async (file) => `${await sha256OfFile(file)}  ${path.basename(file)}\n`);
  return (await Promise.all(lines)).join('');
}
