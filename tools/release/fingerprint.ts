import { createHash } from 'node:crypto';
import path from 'node:path';
import { sha256OfFile } from '../file-sha256.ts';
import type { PackedFile } from './packed-file.ts';
import type { ReleaseTree } from './release-tree.ts';

/**
 * The fingerprint that bosh gives a job or a package, by which it knows whether it has changed (bosh-cli:
 * release/resource/fingerprint.go): for each file its path, checksum and whether it is executable, then the dependencies.
 * @param files sorted by path
 * @param dependencies of a package; none for a job
 */
export async function fingerprint(
  root: string,
  files: readonly PackedFile[],
  dependencies: readonly string[],
  tree: ReleaseTree,
): Promise<string> {
  const hash = createHash('sha256').update('v2');
  for (const { path: name, from } of files) {
    const sum = tree.blobSha256.get(from) ?? (await sha256OfFile(path.join(root, from)));
    const mode = tree.entries.get(from)?.executable === true ? '100755' : '100644';
    // The mode of `packaging` does not count, because it is read by bash and not executed.
    hash.update(`${name}sha256:${sum}${name === 'packaging' ? '' : mode}`);
  }
  if (dependencies.length > 0) hash.update(dependencies.toSorted().join(','));
  return hash.digest('hex');
}
