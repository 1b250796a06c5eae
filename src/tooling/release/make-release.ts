// `npm run release [-- --final]`: the release's tarball, made by bosh.
import path from 'node:path';
import { execa } from 'execa';
import { finish } from '../../cli/fail.ts';
import { processIo } from '../../cli/process-io.ts';
import { KnownFailure } from '../../model/failure.ts';
import { root } from '../bootstrap/place.mjs';
import { sha256OfFile } from '../file-sha256.ts';
import { packageVersion } from '../package-version.ts';
import { toolOptions } from '../tool-options.ts';

async function makeRelease(): Promise<number> {
  const { final } = toolOptions({ final: { type: 'boolean', default: false } });
  await needBosh();
  const version = packageVersion(root);
  await runScript('build', 'build.ts');
  await runScript('blobs', 'release/blobs.ts');
  await runScript('release:check', 'release/check-release.ts');
  const tarball = path.join(root, `rollcall-${version}.tgz`);
  // A final release is made of what is committed; any other one of what lies here.
  const kind = final ? '--final' : '--force';
  await run('bosh create-release', 'bosh', [
    '--non-interactive',
    'create-release',
    kind,
    `--version=${version}`,
    `--tarball=${tarball}`,
  ]);
  processIo.stdout(`${await sha256OfFile(tarball)}  ${path.relative(root, tarball)}\n`);
  return 0;
}

async function needBosh(): Promise<void> {
  const { failed } = await execa('bosh', ['--version'], { reject: false });
  if (failed)
    throw new KnownFailure(
      'RELEASE_BUILD',
      'bosh is not on the PATH: install the BOSH CLI, or check the release without it with npm run release:check',
    );
}

const runScript = (name: string, file: string): Promise<void> =>
  run(`npm run ${name}`, process.execPath, [path.join(root, 'src/tooling', file)]);

async function run(name: string, program: string, args: readonly string[]): Promise<void> {
  const { failed } = await execa(program, args, { cwd: root, stdio: 'inherit', reject: false });
  if (failed) throw new KnownFailure('RELEASE_BUILD', `${name} failed: it says above why`);
}

process.exitCode = await finish(makeRelease, processIo);
