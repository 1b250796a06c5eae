// `npm run release [-- --final]`: the release's tarball, made by bosh.
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { root } from '../bootstrap/place.mjs';
import { packageVersion, sha256OfFile } from '../artifact.ts';
import { createRelease, needBosh, runScript } from './create-release.ts';

async function makeRelease(): Promise<number> {
  const { final } = typedOptions({ final: { type: 'boolean', default: false } });
  await needBosh();
  const version = packageVersion(root);
  // Even if the blob exists: a release proves that it has the bytes that the index names.
  await runScript('blobs', 'release/blobs.ts');
  await runScript('release:check', 'release/check-release.ts');
  const tarball = path.join(root, `rollcall-${version}.tgz`);
  await createRelease({ root, version, tarball, final, isShown: true });
  processIo.stdout(`${await sha256OfFile(tarball)}  ${path.relative(root, tarball)}\n`);
  return 0;
}

process.exitCode = await finish(makeRelease, processIo);
