import { expect } from 'chai';
import { execa } from 'execa';
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ToolFailure } from '../../../tools/failure.ts';
import { temporaryFolder, writeFiles } from '../../temporary-folder.ts';
import { SMALL_RELEASE } from './small-release.ts';
import { stageRelease, unpackRelease } from '../../../tools/release/stage-release.ts';

describe('a staged release', () => {
  it('has each job as the Director unpacks it, and each package as a compile VM does', () => {
    const folder = temporaryFolder();
    writeFiles(folder, SMALL_RELEASE);
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

  for (const name of [
    'jobs/agent/monit',
    'jobs/agent/templates/start.erb',
    'packages/main/packaging',
    'src/dist/main.mjs',
  ])
    it(`is not made without ${name}`, () => {
      const folder = temporaryFolder();
      writeFiles(folder, SMALL_RELEASE);
      rmSync(path.join(folder, name));
      expect(() => stageRelease(folder, path.join(folder, 'staged')))
        .to.throw(ToolFailure, path.basename(name))
        .with.property('code', 'RELEASE_INVALID');
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
  writeFiles(path.join(folder, 'release'), SMALL_RELEASE);
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
  it('has the jobs and packages of the staged release, in the order of their compilation', async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, 'unpacked');
    const unpacked = await unpackRelease(await packed(folder, MANIFEST), target);
    const staged = stageRelease(path.join(folder, 'release'), target);
    expect(unpacked).to.deep.equal(staged);
    expect(readFileSync(path.join(target, 'jobs/agent/monit'), 'utf8')).to.equal(
      SMALL_RELEASE['jobs/agent/monit'],
    );
  });

  for (const [what, manifest, says] of [
    ['without the name of a job', MANIFEST.replace('name: agent, ', ''), 'jobs.0.name is missing'],
    [
      'with a name that leaves its folder',
      MANIFEST.replace('name: ask', 'name: ../x'),
      'jobs.1.name',
    ],
    ['with a job that is not in it', MANIFEST.replace('name: ask', 'name: asks'), 'asks.tgz'],
    ['that is not valid YAML', '\t{', 'release.MF: is not valid YAML'],
  ] as const)
    it(`is refused ${what}`, async () => {
      const folder = temporaryFolder();
      const tarball = await packed(folder, manifest);
      const failure: unknown = await unpackRelease(tarball, path.join(folder, 'unpacked')).catch(
        (error: unknown) => error,
      );
      expect(failure).to.have.property('code', 'RELEASE_INVALID');
      expect(failure).to.have.property('message').that.contains(says);
    });
});
