import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { needs, rendered, suiteNeeds } from './rendered.ts';

describe('monit', () => {
  suiteNeeds('ruby');

  it('has a file that Debian’s monit takes', async function () {
    needs(this, 'monit');
    const text = await rendered('rollcall', {}, 'monit');
    const folder = temporaryFolder();
    const file = join(folder, 'monitrc');
    const own = ['pidfile', 'statefile', 'idfile'].map((name) => `set ${name} ${folder}/${name}`);
    writeFileSync(file, ['set daemon 10', ...own, text].join('\n'));
    // monit refuses a control file that others can read.
    chmodSync(file, 0o600);
    const { stdout } = await execa('monit', ['-t', '-c', file]);
    expect(stdout).to.include('Control file syntax OK');
  });

  it('watches the process that bpm starts, under the name in bpm.yml', async () => {
    const text = await rendered('rollcall', {}, 'monit');
    expect(text.match(/^check process .*$/gm)).to.deep.equal(['check process rollcall']);
    expect(text).to.include('with pidfile /var/vcap/sys/run/bpm/rollcall/rollcall.pid');
    expect(text).to.include('start program "/var/vcap/jobs/bpm/bin/bpm start rollcall"');
    expect(text).to.include('stop program "/var/vcap/jobs/bpm/bin/bpm stop rollcall"');
    expect(text).to.match(/^ {2}group vcap$/m);
  });

  it('is empty for the errand: a Director refuses a job without the file', async () => {
    expect((await rendered('rollcall-report', {}, 'monit')).trim()).to.equal('');
  });
});
