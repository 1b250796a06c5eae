import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';

const manifest = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }));

/**
 * The version in a folder's package.json.
 * @param folder the top of the checkout, or a package that npm installed
 * @throws Error if the file or the version is missing
 */
export const packageVersion = (folder: string): string =>
  v.parse(manifest, readFileSync(path.join(folder, 'package.json'), 'utf8')).version;

/** The SHA-256 of a file in hexadecimal. Reads it in pieces, because a blob has 100 MB. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Provides an empty folder while `use` runs. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
