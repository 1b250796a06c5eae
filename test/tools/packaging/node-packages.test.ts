import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  downloadedProgram,
  NODE_PACKAGES,
  NODE_VERSION,
  type NodePackage,
} from '../../../tools/packaging/node-packages.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { codeOf, failureOf } from '../../failure-of.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const some: NodePackage = {
  platform: 'linux-x64',
  package: 'node-some',
  program: 'bin/node',
  integrity: 'sha512-of-something-else',
};

/** Downloads with an npm that is this shell script; FOLDER in it is where npm puts packages. */
async function downloadingWith<T>(
  npm: string,
  use: (download: Promise<string>) => Promise<T>,
): Promise<T> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\n${npm.replaceAll('FOLDER', folder)}\n`);
  chmodSync(join(folder, 'npm'), 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  try {
    return await use(downloadedProgram(some, folder));
  } finally {
    process.env['PATH'] = path;
  }
}

describe('a Node that is downloaded', () => {
  it('is refused if it is not the verified one', () =>
    downloadingWith(`echo other > FOLDER/node-some-${NODE_VERSION}.tgz`, async (download) => {
      const [code, message] = await failureOf(download);
      expect(code).to.equal('EXECUTABLE_BUILD');
      expect(message).to.include('is not the verified package');
    }));

  it("is missing if npm cannot download it, and npm's reason is shown", () =>
    downloadingWith(
      'echo "npm error code ENOTFOUND\nnpm error syscall connect\nnpm error no such host" >&2; exit 1',
      async (download) =>
        expect(await failureOf(download)).to.deep.equal([
          'EXECUTABLE_BUILD',
          `npm cannot download node-some@${NODE_VERSION} (no such host): run this where npm can reach a registry with this package`,
        ]),
    ));

  it('is missing if npm succeeds without a file', () =>
    downloadingWith('exit 0', async (download) =>
      expect(await codeOf(download)).to.equal('EXECUTABLE_BUILD'),
    ));
});

describe('the packages that have Node', () => {
  it('are the ones that package-lock.json has, as far as it has them', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    for (const { package: name, integrity } of NODE_PACKAGES.slice(0, 2)) {
      const entry = lock.slice(lock.indexOf(`"node_modules/${name}"`)).slice(0, 300);
      expect(entry).to.include(`"version": "${NODE_VERSION}"`).and.to.include(integrity);
    }
  });
});
