import { chmodSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { fingerprint } from '../../../tools/release/fingerprint.ts';
import { releaseContents } from '../../../tools/release/release-contents.ts';
import { readReleaseTree } from '../../../tools/release/release-tree.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { SMALL_RELEASE, writeRelease } from './small-release.ts';

describe('the fingerprint of a job or a package', () => {
  it('is the one that bosh 7.9.17 gives', async () => {
    await inTemporaryFolder(async (folder) => {
      writeRelease(folder, SMALL_RELEASE);
      chmodSync(path.join(folder, 'src/dist/main.mjs'), 0o755);
      const tree = await readReleaseTree(folder);
      const { jobs, packages } = releaseContents(tree);
      const ask = jobs.find((job) => job.folder === 'ask');
      const main = packages.find((one) => one.folder === 'main');
      expect(await fingerprint(folder, ask?.files ?? [], [], tree)).to.equal(
        '907a59bfc4cba6103e2781a9edf907f24682f866f120f127becf74a00f4bf928',
      );
      expect(
        await fingerprint(folder, main?.files ?? [], main?.spec.dependencies ?? [], tree),
        'an executable file, a blob as dependency',
      ).to.equal('4ef19f9bb76bf221cb451c2afc3fcf2417380df077ad7cb5532ba5fb53d9374a');
    });
  });
});
