// `npm run release [-- --final]`: the release's tarball, made by bosh.
import path from 'node:path';
import { execa } from 'execa';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { root } from '../bootstrap/place.mjs';
import { sha256OfFile } from '../file-sha256.ts';
import { packageVersion } from '../package-version.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { createRelease, needBosh } from './create-release.ts';

async function makeRelease(): Promise<number> {
  const { final } = typedOptions({ final: { type: 'boolean', default: false } });
  await needBosh();
  const version = packageVersion(root);
  await runScript('build', 'build.ts');
  await runScript('blobs', 'release/blobs.ts');
  await runScript('release:check', 'release/check-release.ts');
  const tarball = path.join(root, `rollcall-${version}.tgz`);
  await createRelease({ root, version, tarball, final, isShown: true });
  processIo.stdout(`${await sha256OfFile(tarball)}  ${path.relative(root, tarball)}\n`);
  return 0;
}

async function runScript(name: string, file: string): Promise<void> {
  const { failed } = await execa(process.execPath, [path.join(root, 'tools', file)], {
    cwd: root,
    stdio: 'inherit',
    reject: false,
  });
  if (failed) throw new KnownFailure('RELEASE_BUILD', `npm run ${name} failed: it says above why`);
}

process.exitCode = await finish(makeRelease, processIo);
