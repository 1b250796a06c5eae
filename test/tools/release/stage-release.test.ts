import { expect } from 'chai';
import { execa } from 'execa';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { failureOf } from '../../failure-of.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { SMALL_RELEASE, smallRelease } from './small-release.ts';
import { stageRelease, unpackRelease } from '../../../tools/release/stage-release.ts';

describe('a staged release', () => {
  it('has each job as the Director unpacks it, and each package as a compile VM does', () => {
    const folder = smallRelease();
    const target = path.join(folder, 'staged');
    const staged = stageRelease(folder, target);
    const files = globSync('**/*', { cwd: target, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(target, path.join(entry.parentPath, entry.name)));
    expect(files.toSorted()).to.include.members([
      'jobs/agent/job.MF',
      'jobs/agent/monit',
      'jobs/agent/properties_schema.json',
      'jobs/agent/templates/start.erb',
      'jobs/ask/templates/run.erb',
      'packages/main/dist/main.mjs',
      'packages/main/packaging',
      'packages/runtime/runtime/program.tar.gz',
    ]);
    expect(
      readFileSync(path.join(target, 'packages/main/dist/recorded/below/.hidden'), 'utf8'),
      "bosh's * takes hidden files",
    ).to.equal('hidden');
    expect(statSync(path.join(target, 'jobs/agent/monit')).mode & 0o777).to.equal(0o644);
    expect(staged.packages.map(({ name }) => name)).to.deep.equal(['runtime', 'main']);
  });
});

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

/** As bosh does: an archive for each job and package, and release.MF first. */
async function packed(folder: string, manifest: string): Promise<string> {
  const content = path.join(folder, 'content');
  const staged = stageRelease(smallRelease(), content);
  writeFileSync(path.join(content, 'release.MF'), manifest);
  for (const { folder: place } of [...staged.jobs, ...staged.packages])
    await execa('tar', ['-czf', `${place}.tgz`, '-C', place, '.']);
  const tarball = path.join(folder, 'small.tgz');
  await execa('tar', ['-czf', tarball, '-C', content, 'release.MF', 'jobs', 'packages']);
  return tarball;
}

describe('a tarball of a release', () => {
  it('has the jobs and packages of the staged release, in the order of their compilation', async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, 'unpacked');
    const unpacked = await unpackRelease(await packed(folder, MANIFEST), target);
    expect(readFileSync(path.join(target, 'jobs/agent/monit'), 'utf8')).to.equal(
      SMALL_RELEASE['jobs/agent/monit'],
    );
    expect(unpacked).to.deep.equal(stageRelease(smallRelease(), target));
  });

  for (const [what, from, to, says] of [
    ['without the name of a job', 'name: agent, ', '', 'jobs.0.name is missing'],
    ['with a name that leaves its folder', 'name: ask', 'name: ../x', 'jobs.1.name'],
    ['with a job that is not in it', 'name: ask', 'name: asks', 'asks.tgz'],
    ['that is not valid YAML', MANIFEST, '\t{', 'release.MF: is not valid YAML'],
  ] as const)
    it(`is refused ${what}`, async () => {
      const folder = temporaryFolder();
      const tarball = await packed(folder, MANIFEST.replace(from, to));
      const [code, message] = await failureOf(
        unpackRelease(tarball, path.join(folder, 'unpacked')),
      );
      expect(code).to.equal('RELEASE_INVALID');
      expect(message).to.contain(says);
    });
});
