import { globSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { KnownFailure } from '../../../src/model/failure.ts';
import { compileOrder, stageRelease } from '../../../tools/release/stage-release.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { SMALL_RELEASE, writeRelease } from './small-release.ts';

describe('a staged release', () => {
  it('has each job as the Director unpacks it, and each package as a compile VM does', async () => {
    await inTemporaryFolder((folder) => {
      writeRelease(folder, SMALL_RELEASE);
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
      await inTemporaryFolder((folder) => {
        writeRelease(folder, SMALL_RELEASE);
        rmSync(path.join(folder, name));
        expect(() => stageRelease(folder, path.join(folder, 'staged')))
          .to.throw(KnownFailure, path.basename(name))
          .with.property('code', 'RELEASE_INVALID');
      });
    });
});

describe('the order in which packages are compiled', () => {
  it('puts each one after its dependencies', () => {
    const dag = fc
      .array(fc.array(fc.nat()), { maxLength: 12 })
      .map(
        (lists) =>
          new Map(
            lists
              .map((list, at): [string, readonly string[]] => [
                `p${at}`,
                at === 0 ? [] : list.map((to) => `p${to % at}`),
              ])
              .toReversed(),
          ),
      );
    fc.assert(
      fc.property(dag, (dependencies) => {
        const order = compileOrder(dependencies);
        expect(order.toSorted()).to.deep.equal([...dependencies.keys()].toSorted());
        for (const [name, needs] of dependencies)
          for (const need of needs) expect(order.indexOf(need)).to.be.below(order.indexOf(name));
      }),
    );
  });

  it('is none where they wait for each other', () => {
    const dependencies = new Map([
      ['a', ['b']],
      ['b', ['a']],
      ['c', ['absent']],
    ]);
    expect(() => compileOrder(dependencies)).to.throw(KnownFailure, 'the packages a, b depend');
  });
});
