import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { writeMemoryFile } from '../../src/probe/memory-store.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

describe('the memory file', () => {
  it('is replaced as a whole, whatever a killed agent has left beside it', () =>
    inTemporaryFolder((folder) => {
      const file = path.join(folder, 'm');
      fs.writeFileSync(`${file}.new`, 'half a mem');
      expect(writeMemoryFile(file, 'one')).to.equal(null);
      expect(writeMemoryFile(file, 'two')).to.equal(null);
      expect(fs.readFileSync(file, 'utf8')).to.equal('two');
      expect(fs.readdirSync(folder)).to.deep.equal(['m']);
    }));

  const places: readonly (readonly [what: string, file: string, errno: string])[] = [
    ['what stands in its way cannot be removed', 'taken', 'ERR_FS_EISDIR'],
    ['its name is too long', 'x'.repeat(253), 'ENAMETOOLONG'],
    ['its directory is a file', 'file/m', 'ENOTDIR'],
    ['its directory is gone', 'gone/m', 'ENOENT'],
  ];
  for (const [what, name, errno] of places)
    it(`says why it is not written when ${what}, and ends nothing`, () =>
      inTemporaryFolder((folder) => {
        fs.mkdirSync(path.join(folder, 'taken.new'));
        fs.writeFileSync(path.join(folder, 'file'), '');
        expect(writeMemoryFile(path.join(folder, name), 'text')).to.equal(errno);
      }));
});
