// `npm run release [-- --final]`: the release's tarball, made by bosh.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import * as v from 'valibot';
import { finish } from '../../cli/fail.ts';
import { processIo } from '../../cli/process-io.ts';
import { KnownFailure } from '../../model/failure.ts';
import { root } from '../bootstrap/place.mjs';
import { sha256OfFile } from './release-tree.ts';

async function makeRelease(final: boolean): Promise<number> {
  await needBosh();
  const { version } = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')),
  );
  await runScript('build', '../build.ts');
  await runScript('blobs', './blobs.ts');
  await runScript('release:check', './check-release.ts');
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
  run(`npm run ${name}`, process.execPath, [fileURLToPath(new URL(file, import.meta.url))]);

async function run(name: string, program: string, args: readonly string[]): Promise<void> {
  const { failed } = await execa(program, args, { cwd: root, stdio: 'inherit', reject: false });
  if (failed) throw new KnownFailure('RELEASE_BUILD', `${name} failed: it says above why`);
}

const { values } = parseArgs({ options: { final: { type: 'boolean', default: false } } });
process.exitCode = await finish(() => makeRelease(values.final), processIo);
