import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { stageRelease } from '../../../tools/release/stage-release.ts';
import { unpackRelease } from '../../../tools/release/unpack-release.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { SMALL_RELEASE, writeRelease } from './small-release.ts';

const MANIFEST = `name: small
version: 1.2.3
commit_hash: abc
jobs:
- {name: agent, version: f1, fingerprint: f1, packages: [main, runtime]}
- {name: ask, version: f2, fingerprint: f2}
packages:
- {name: main, version: f3, fingerprint: f3, dependencies: [runtime]}
- {name: runtime, version: f4, fingerprint: f4, dependencies: []}
`;

/** Packs a staged release as bosh does: an archive for each job and package, and release.MF first. */
async function packed(folder: string, manifest: string): Promise<string> {
  writeRelease(path.join(folder, 'release'), SMALL_RELEASE);
  const staged = stageRelease(path.join(folder, 'release'), path.join(folder, 'staged'));
  const content = path.join(folder, 'content');
  for (const kind of ['jobs', 'packages']) mkdirSync(path.join(content, kind), { recursive: true });
  writeFileSync(path.join(content, 'release.MF'), manifest);
  for (const [kind, all] of Object.entries({ jobs: staged.jobs, packages: staged.packages }))
    for (const { name, folder: place } of all)
      await execa('tar', ['-czf', path.join(content, kind, `${name}.tgz`), '-C', place, '.']);
  const tarball = path.join(folder, 'small.tgz');
  await execa('tar', ['-czf', tarball, '-C', content, 'release.MF', 'jobs', 'packages']);
  return tarball;
}

describe('a tarball of a release', () => {
  it('has the jobs and packages of the staged release, in the order of their compilation', () =>
    inTemporaryFolder(async (folder) => {
      const target = path.join(folder, 'unpacked');
      const unpacked = await unpackRelease(await packed(folder, MANIFEST), target);
      const staged = stageRelease(path.join(folder, 'release'), target);
      expect(unpacked).to.deep.equal(staged);
      expect(readFileSync(path.join(target, 'jobs/agent/monit'), 'utf8')).to.equal(
        SMALL_RELEASE['jobs/agent/monit'],
      );
    }));

  for (const [what, manifest, says] of [
    ['without the name of a job', MANIFEST.replace('name: agent, ', ''), 'jobs.0.name is missing'],
    [
      'with a name that leaves its folder',
      MANIFEST.replace('name: ask', 'name: ../x'),
      'jobs.1.name',
    ],
    ['with a job that is not in it', MANIFEST.replace('name: ask', 'name: asks'), 'asks.tgz'],
    ['that is no YAML', '\t{', 'release.MF: is no YAML'],
  ] as const)
    it(`is refused ${what}`, () =>
      inTemporaryFolder(async (folder) => {
        const tarball = await packed(folder, manifest);
        const failure: unknown = await unpackRelease(tarball, path.join(folder, 'unpacked')).catch(
          (error: unknown) => error,
        );
        expect(failure).to.have.property('code', 'RELEASE_INVALID');
        expect(failure).to.have.property('message').that.contains(says);
      }));
});
