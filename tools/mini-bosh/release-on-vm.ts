import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInPath } from '../../src/demo-cell/program-in-path.ts';
import { packageVersion } from '../package-version.ts';
import { copyRelease, createRelease, needBosh } from '../release/create-release.ts';
import { stageRelease, type StagedRelease } from '../release/stage-release.ts';
import { unpackRelease } from '../release/unpack-release.ts';

/** What the Director has after an upload: out of a tarball that bosh makes, or without bosh what would be in it. */
export async function releaseOnVm(
  root: string,
  folder: string,
  say: (line: string) => void,
): Promise<StagedRelease> {
  if (!isInPath('bosh')) {
    say('the staged release, because there is no bosh in the PATH');
    return stageRelease(root, folder);
  }
  await needBosh();
  const temporary = mkdtempSync(join(tmpdir(), 'rollcall-release-'));
  try {
    const version = packageVersion(root);
    const tarball = join(temporary, `rollcall-${version}.tgz`);
    const copy = join(temporary, 'release');
    copyRelease(root, copy);
    await createRelease({ root: copy, version, tarball, final: false, isShown: false });
    const unpacked = await unpackRelease(tarball, folder);
    say(`the tarball rollcall-${version}.tgz, made by bosh`);
    return unpacked;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
