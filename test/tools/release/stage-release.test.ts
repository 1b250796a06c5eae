import { globSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { stageRelease } from '../../../tools/release/stage-release.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { SMALL_RELEASE, writeRelease } from './small-release.ts';

describe('a staged release', () => {
  it('has each job as the Director unpacks it, and each package as a compile VM does', async () => {
    await inTemporaryFolder(async (folder) => {
      writeRelease(folder, SMALL_RELEASE);
      const target = path.join(folder, 'staged');
      const staged = await stageRelease(folder, target);
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
      expect(staged.jobs[0]?.templates).to.deep.equal({
        'agent.json.erb': 'config/agent.json',
        'start.erb': 'bin/start',
      });
    });
  });

  for (const name of [
    'jobs/agent/monit',
    'jobs/agent/templates/start.erb',
    'packages/main/packaging',
    'src/dist/main.mjs',
  ])
    it(`is not made without ${name}`, async () => {
      await inTemporaryFolder(async (folder) => {
        writeRelease(folder, SMALL_RELEASE);
        rmSync(path.join(folder, name));
        const failure: unknown = await stageRelease(folder, path.join(folder, 'staged')).catch(
          (error: unknown) => error,
        );
        expect(failure).to.have.property('code', 'RELEASE_INVALID');
        expect(failure).to.have.property('message').that.includes(path.basename(name));
      });
    });
});
