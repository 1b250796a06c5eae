// `npm run release`: builds the release's tarball with bosh, and its runtime config.
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { root } from '../bootstrap/place.mjs';
import { packageVersion, sha256OfFile } from '../artifact.ts';
import { checkUrl } from '../runtime-config/complete-config.ts';
import { writeConfig } from '../runtime-config/write-config.ts';
import { createRelease, needBosh, runScript } from './create-release.ts';

async function makeRelease(): Promise<number> {
  const { final, url } = typedOptions({
    final: { type: 'boolean', default: false },
    url: { type: 'string' },
  });
  // Before bosh makes a final release, because it makes the same version only once.
  if (url !== undefined) checkUrl(url);
  await needBosh();
  const version = packageVersion(root);
  // Even if the blob exists, because a release must prove that it has the bytes in the index.
  await runScript('blobs', 'release/blobs.ts', true);
  await runScript('release:check', 'release/check-release.ts', true);
  const tarball = path.join(root, `rollcall-${version}.tgz`);
  await createRelease({ root, version, tarball, final, isShown: true });
  processIo.stdout(`${await sha256OfFile(tarball)}  ${path.relative(root, tarball)}\n`);
  const config = await writeConfig({ ops: [], variables: [], url: url ?? null });
  processIo.stdout(`${config}: for bosh update-runtime-config --name rollcall ${config}\n`);
  return 0;
}

process.exitCode = await finish(makeRelease, processIo);
