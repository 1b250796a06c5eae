import { expect } from 'chai';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { CELL_PROGRAMS, programFile } from '../../../../tools/demo-cell/gdn/cell-program.ts';
import { bundledCellPrograms } from '../../../../tools/checks/mocha-step.ts';

describe('the programs of a cell', () => {
  it('are started from their sources, as in a demo', () => {
    for (const name of CELL_PROGRAMS)
      expect(programFile(name, {})).to.match(new RegExp(`/tools/demo-cell/${name}/main\\.ts$`));
  });

  it('are started from one file each where tests run, which is the whole program', async () => {
    const env = await bundledCellPrograms();
    for (const name of CELL_PROGRAMS) {
      const file = programFile(name, env);
      expect(existsSync(file), file).to.equal(true);
      // It does not get as far as its configuration if it lacks a module.
      const { stderr } = await execa(process.execPath, [file], { reject: false });
      expect(stderr).to.contain('Unexpected end of JSON input');
    }
  });
});
