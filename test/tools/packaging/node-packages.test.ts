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
import { atEndOfTest } from '../../at-end-of-test.ts';
import { failureOf } from '../../failure-of.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const some: NodePackage = {
  platform: 'linux-x64',
  package: 'node-some',
  program: 'bin/node',
  integrity: 'sha512-of-something-else',
};

/**
 * How a download fails with an npm that is this shell script; FOLDER in it is where npm puts
 * packages.
 */
function failureWith(npm: string): Promise<readonly unknown[]> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\n${npm.replaceAll('FOLDER', folder)}\n`);
  chmodSync(join(folder, 'npm'), 0o755);
  const path = process.env['PATH'];
  atEndOfTest(() => (process.env['PATH'] = path));
  process.env['PATH'] = `${folder}:${path}`;
  return failureOf(downloadedProgram(some, folder));
}

const NAME = `node-some@${NODE_VERSION}`;

describe('a Node that is downloaded', () => {
  for (const [what, npm, says] of [
    [
      'is refused if it is not the verified one',
      `echo other > FOLDER/node-some-${NODE_VERSION}.tgz`,
      `${NAME} is not the verified package`,
    ],
    [
      "is missing if npm cannot download it, and npm's reason is shown",
      `cat >&2 <<'END'
npm error code ENOTFOUND
npm error syscall connect
npm error no such host
END
exit 1`,
      `npm cannot download ${NAME} (no such host): run this where npm can reach a registry`,
    ],
    [
      'is missing if npm succeeds without a file',
      'exit 0',
      `npm cannot download ${NAME} (it ended without an error): run`,
    ],
    [
      'is missing if npm ends without a reason, and how it ended is shown',
      'exit 7',
      `npm cannot download ${NAME} (Command failed with exit code 7: npm pack `,
    ],
  ] as const)
    it(what, async () => {
      const [code, message] = await failureWith(npm);
      expect(code).to.equal('EXECUTABLE_BUILD');
      expect(message).to.include(says);
    });
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
