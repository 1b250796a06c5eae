import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Properties } from '../../tools/release/render-job.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { rendered, suiteNeeds } from '../rendered.ts';
import { program, run, type Ran } from '../script.ts';

const ROLLCALL = '/var/vcap/jobs/rollcall/bin/rollcall';
const LOGS = '/var/vcap/sys/log/rollcall-report';

/**
 * Runs the errand with a stand-in for `rollcall` that answers in this way, and then prints the
 * arguments that it got.
 */
async function errand(
  { code, stdout = '', stderr = '' }: { code: number; stdout?: string; stderr?: string },
  properties: Properties = {},
): Promise<Ran> {
  const text = await rendered('rollcall-report', properties, 'bin/run');
  const folder = temporaryFolder();
  const said = stdout === '' ? '' : `printf '%s\\n' '${stdout}' "$*"`;
  const lines = ['#!/bin/sh', said, `printf %s '${stderr}' >&2`, `exit ${code}`];
  return run(text, { [ROLLCALL]: program(folder, 'rollcall', lines.join('\n')) }, folder);
}

const ARGUMENTS = 'status --format';

describe('bin/run of rollcall-report', () => {
  suiteNeeds('ruby');

  it('prints the table, and is no failure whatever was found', async () => {
    for (const code of [0, 1, 2])
      expect(await errand({ code, stdout: 'a  table' })).to.deep.equal({
        code: 0,
        stdout: `a  table\n${ARGUMENTS} table`,
        stderr: '',
      });
  });

  it('prints JSON', async () => {
    const { code, stdout } = await errand({ code: 1, stdout: '{"a": "%s"}' }, { format: 'json' });
    expect([code, stdout]).to.deep.equal([0, `{"a": "%s"}\n${ARGUMENTS} json`]);
  });

  it('exits as `rollcall status` with fail_on_untracked', async () => {
    for (const code of [0, 1, 2]) {
      const ran = await errand({ code, stdout: 'table' }, { fail_on_untracked: true });
      expect([ran.code, ran.stdout.split('\n')[0]]).to.deep.equal([code, 'table']);
    }
  });

  it('fails where the agent cannot be asked, with its reason and what to do', async () => {
    for (const fail_on_untracked of [false, true]) {
      const answer = { code: 2, stderr: 'rollcall: no such socket\n' };
      const { code, stdout, stderr } = await errand(answer, { fail_on_untracked });
      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.match(/^rollcall: no such socket\n.*is the job rollcall running here\?/);
    }
  });

  it('fails where rollcall did not run at all', async () => {
    expect((await errand({ code: 127 })).code).to.equal(2);
    expect((await errand({ code: 0 })).code).to.equal(2);
  });

  it('fails where rollcall was killed while it printed: half a table would pass for the whole', async () => {
    const { code, stdout } = await errand({ code: 137, stdout: 'half a ta' });
    expect([code, stdout.split('\n')[0]]).to.deep.equal([137, 'half a ta']);
  });

  it('writes what a BOSH agent would not hand on into a file of its log directory', async () => {
    for (const format of ['table', 'json']) {
      const text = await rendered('rollcall-report', { format }, 'bin/run');
      const folder = temporaryFolder();
      const long = `#!/bin/sh\nhead -c 800000 /dev/zero | tr '\\0' x\nexit 1\n`;
      const places = { [ROLLCALL]: program(folder, 'rollcall', long), [LOGS]: folder };
      const { code, stdout } = await run(text, places, folder);
      const file = join(folder, format === 'json' ? 'report.json' : 'report.log');
      expect(code).to.equal(0);
      expect(stdout).to.include('800000 bytes').and.include(file);
      expect(readFileSync(file, 'utf8')).to.equal(`${'x'.repeat(800_000)}\n`);
    }
  });

  it('fails where that file cannot be written, as on a full disk', async () => {
    const text = await rendered('rollcall-report', {}, 'bin/run');
    const folder = temporaryFolder();
    const long = `#!/bin/sh\nhead -c 800000 /dev/zero | tr '\\0' x\n`;
    const file = join(folder, 'report.log');
    symlinkSync('/dev/full', file);
    const places = { [ROLLCALL]: program(folder, 'rollcall', long), [LOGS]: folder };
    const { code, stdout, stderr } = await run(text, places, folder);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.include(`cannot be written to ${file}: free space on this cell`);
  });
});
