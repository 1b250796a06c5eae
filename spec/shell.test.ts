import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { renderJobs } from '../tools/release/render-job.ts';
import { root } from '../tools/bootstrap/place.mjs';
import { TYPED_ON_CELL } from '../src/model/typed-as.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { jobDir, JOBS, needs, rendered } from './rendered.ts';
import { program } from './script.ts';

const packaging = globSync('packages/*/{packaging,pre_packaging}', { cwd: root });

describe('shell', () => {
  it('of the jobs, rendered, passes shellcheck', async function () {
    needs(this, 'ruby', 'shellcheck');
    const jobs = await renderJobs(JOBS.map((job) => ({ jobDir: jobDir(job) })));
    const folder = temporaryFolder();
    const scripts = jobs.flatMap((job) =>
      job.ok ? [...job.files].filter(([destination]) => destination.startsWith('bin/')) : [],
    );
    expect(scripts.map(([destination]) => destination)).to.include.members([
      'bin/bpm-pre-start',
      'bin/post-start',
      'bin/pre-start',
      'bin/rollcall',
      'bin/run',
    ]);
    for (const [destination, text] of scripts) {
      expect(text, destination).to.match(/^#!\/usr\/bin\/env bash\n/);
      await execa('shellcheck', [program(folder, basename(destination), text)]);
    }
  });

  it('of the job rollcall is where alerts and pages say that the command is', async function () {
    needs(this, 'ruby');
    const script = await rendered('rollcall', {}, 'bin/rollcall');
    expect(script).to.contain(`export ROLLCALL_TYPED_AS='${TYPED_ON_CELL}'\n`);
    expect(TYPED_ON_CELL).to.match(/^sudo \/var\/vcap\/jobs\/rollcall\/bin\/rollcall$/);
  });

  it('of the packages passes shellcheck and ends at the first error', async function () {
    needs(this, 'shellcheck');
    expect(packaging).to.include.members([
      'packages/nodejs-24/packaging',
      'packages/rollcall/packaging',
    ]);
    for (const script of packaging) {
      await execa('shellcheck', [join(root, script)]);
      expect(readFileSync(join(root, script), 'utf8'), script).to.match(/^set -euo pipefail$/m);
    }
  });

  it('of the pipelines passes shellcheck and needs no bash', async function () {
    needs(this, 'shellcheck');
    const scripts = globSync('manifests/pipelines/*.sh', { cwd: root });
    expect(scripts).to.have.length(2);
    await execa('shellcheck', ['--shell=sh', ...scripts], { cwd: root });
  });

  it('of the packages needs no network and no compiler', () => {
    for (const script of packaging) {
      const words = readFileSync(join(root, script), 'utf8').replaceAll(/^#.*$/gm, '');
      expect(words, script).not.to.match(
        /\b(curl|wget|npm|npx|git|gcc|cc|make|apt(-get)?|https?)\b/,
      );
    }
  });
});
