import { statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import { packageVersion } from '../../../tools/artifact.ts';
import { rollcallProgram } from '../../../tools/packaging/scripts.ts';
import { HERE, makeExecutables } from '../../../tools/packaging/executables.ts';
import { skip } from '../../skip.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { MAX_WAIT } from '../../wait-for.ts';

const MEBIBYTE = 1024 * 1024;

describe('rollcall as a single executable', () => {
  // postject reads and writes 120 MB.

  it('is made for the two processors that Diego cells have', async () => {
    const folder = temporaryFolder();
    const { program, licences } = await rollcallProgram(folder);
    const platforms = program.platforms.map(({ platform }) => platform);
    expect(platforms).to.deep.equal(['linux-x64', 'linux-arm64']);
    expect(licences)
      .to.match(/^==== valibot@[\d.]+\n/m)
      .and.to.match(/^==== yargs@[\d.]+\n/m);
  });

  it('runs alone: without a Node on the PATH and without a file beside it', async function () {
    if (!['linux-x64', 'linux-arm64'].includes(HERE)) skip(this, `none is made for ${HERE}`);
    const folder = temporaryFolder();
    const { program } = await rollcallProgram(folder);
    const platforms = program.platforms.filter(({ platform }) => platform === HERE);
    const file = path.join(folder, `rollcall-${HERE}`);
    expect(await makeExecutables({ ...program, platforms }, folder, [])).to.equal(0);
    // README and docs/contributing/release.md say 122 MiB.
    expect(statSync(file).size / MEBIBYTE).to.be.within(100, 130);

    const run = (...args: readonly string[]) =>
      execa(file, args, {
        cwd: '/',
        extendEnv: false,
        env: { PATH: '/nonexistent' },
        reject: false,
        stdin: 'ignore',
        timeout: MAX_WAIT,
      });
    expect((await run('--version')).stdout).to.equal(packageVersion(root));
    expect((await run('runbook', 'no-cgroup')).stdout).to.match(/^no-cgroup\n\nDo:/);
    const table = path.join(root, 'test/fixtures/mounts/container-first.mountinfo');
    const mounts = await run('mounts', '--mountinfo', table);
    expect([mounts.exitCode, mounts.stderr]).to.deep.equal([0, '']);
    expect(mounts.stdout).to.include('HIERARCHY');
    for (const command of ['check', 'sensors', 'explain', 'capture'])
      expect((await run(command, '--help')).exitCode).to.equal(0);
    expect((await run('check', '--no-such')).exitCode).to.equal(2);
  });
});
