import * as v from 'valibot';
import { isMap, parseDocument } from 'yaml';
import { KnownFailure } from '../../src/model/failure.ts';
import { parseYamlFile } from './spec-files.ts';

/** config/blobs.yml: the path below blobs/ of each blob. */
const BlobIndexSchema = v.record(
  v.string(),
  v.strictObject({
    size: v.number(),
    sha: v.string(),
    /** Its name in the blobstore, once `bosh upload-blobs` has put it there. */
    object_id: v.optional(v.string()),
  }),
);

export const BLOB_INDEX = 'config/blobs.yml';

export interface Blob {
  /** Below blobs/. */
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface IndexChange {
  readonly kind: 'unchanged' | 'added' | 'replaced';
  readonly text: string;
}

/**
 * Enters a blob in config/blobs.yml; other entries and comments stay.
 * @param text the file, or undefined where there is none yet
 * @param accept whether a blob with other bytes may take the place of the one that the index names
 * @throws KnownFailure RELEASE_BLOB if it may not, RELEASE_INVALID if the file is no index
 */
export function indexWithBlob(text: string | undefined, blob: Blob, accept: boolean): IndexChange {
  const current = text ?? '--- {}\n';
  const parsed = parseYamlFile(BLOB_INDEX, current, BlobIndexSchema);
  if (parsed.kind === 'unusable')
    throw new KnownFailure(
      'RELEASE_INVALID',
      `${BLOB_INDEX} ${parsed.findings[0]?.what ?? 'cannot be read'}: correct it`,
    );
  const known = parsed.value[blob.name];
  const sha = `sha256:${blob.sha256}`;
  if (known?.sha === sha && known.size === blob.bytes) return { kind: 'unchanged', text: current };
  if (known !== undefined && !accept)
    throw new KnownFailure(
      'RELEASE_BLOB',
      `${BLOB_INDEX} names ${known.sha} (${known.size} bytes) for ${blob.name}, but it came out as ${sha} ` +
        `(${blob.bytes} bytes): find out what changed, then run npm run blobs -- --accept`,
    );
  const document = parseDocument(current, { version: '1.1' });
  // Without its object_id, because what lies in the blobstore is the old one.
  document.set(blob.name, { size: blob.bytes, sha });
  if (isMap(document.contents)) document.contents.flow = false;
  return { kind: known === undefined ? 'added' : 'replaced', text: document.toString() };
}
