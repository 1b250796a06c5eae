import { mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { rendered, suiteNeeds } from '../rendered.ts';
import { program, run } from '../script.ts';

const DATA = '/var/vcap/data/rollcall';

describe('bin/pre-start', () => {
  suiteNeeds('ruby');

  /** Runs it in a folder where setpriv says which user it would become, and stays the same one. */
  async function started(data: string, folder: string) {
    program(folder, 'setpriv', '#!/bin/sh\necho "$1 $2 $3"\nshift 3\nexec "$@"\n');
    const text = await rendered('rollcall', {}, 'bin/pre-start');
    return run(text, { [DATA]: data }, folder);
  }

  it('makes the directories of names as vcap, because root would follow links there', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'rollcall');
    const { code, stdout } = await started(data, folder);
    const asVcap = '--reuid=vcap --regid=vcap --init-groups';
    expect([code, stdout]).to.deep.equal([0, `${asVcap}\n${asVcap}`]);
    for (const name of ['names', 'cri'])
      expect(statSync(join(data, name)).mode & 0o777, name).to.equal(0o750);
    expect((await started(data, folder)).code).to.equal(0);
  });

  it('lets the deploy go on where one cannot be made', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'rollcall');
    mkdirSync(data);
    symlinkSync('/nowhere', join(data, 'names'));
    const { code, stderr } = await started(data, folder);
    expect(code).to.equal(0);
    expect(stderr).to.contain(`${data}/names could not be made`);
    expect(statSync(join(data, 'cri')).isDirectory()).to.equal(true);
  });
});
