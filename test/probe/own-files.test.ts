import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { readMemoryFile, ReplacedFile, replaceFile } from '../../src/probe/own-files.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the memory file', () => {
  it('is replaced as a whole, whatever a killed agent has left beside it', () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'm');
    fs.writeFileSync(`${file}.new`, 'half a mem');
    expect(replaceFile(file, 'one')).to.equal(null);
    expect(replaceFile(file, 'two')).to.equal(null);
    expect(fs.readFileSync(file, 'utf8')).to.equal('two');
    expect(fs.readdirSync(folder)).to.deep.equal(['m']);
  });

  it('is not read from a pipe, a device or a directory, and never waited for', async () => {
    const folder = temporaryFolder();
    const at = (name: string): string => path.join(folder, name);
    await execa('mkfifo', [at('pipe')]);
    fs.symlinkSync('/dev/zero', at('device'));
    fs.mkdirSync(at('directory'));
    for (const name of ['pipe', 'device', 'directory']) {
      const stored = readMemoryFile(at(name));
      expect(stored, name).to.deep.equal({ kind: 'failed', why: 'it is not a file' });
    }
  });

  it('is replaced, where somebody put a link in its place or beside it, and not what the link leads to', () => {
    const folder = temporaryFolder();
    const at = (name: string): string => path.join(folder, name);
    fs.writeFileSync(at('precious'), 'kept');
    fs.symlinkSync(at('precious'), at('m'));
    fs.symlinkSync(at('precious'), at('m.new'));
    expect(replaceFile(at('m'), 'one')).to.equal(null);
    expect(fs.lstatSync(at('m')).isFile()).to.equal(true);
    expect(fs.readFileSync(at('m'), 'utf8')).to.equal('one');
    expect(fs.readFileSync(at('precious'), 'utf8')).to.equal('kept');
  });

  it('is set aside, where it is a link to something else, and what that leads to stays', () => {
    const folder = temporaryFolder();
    const at = (name: string): string => path.join(folder, name);
    fs.writeFileSync(at('precious'), 'kept');
    fs.symlinkSync(at('precious'), at('m'));
    const file = new ReplacedFile(at('m'));
    expect(file.setAside()).to.equal(at('m.set-aside'));
    expect(file.replace('one')).to.equal(null);
    expect(fs.readFileSync(at('m'), 'utf8')).to.equal('one');
    expect(fs.readFileSync(at('precious'), 'utf8')).to.equal('kept');
  });

  const places: readonly (readonly [what: string, file: string, errno: string])[] = [
    ['what stands in its way cannot be removed', 'taken', 'ERR_FS_EISDIR'],
    ['its name is too long', 'x'.repeat(253), 'ENAMETOOLONG'],
    ['its directory is a file', 'file/m', 'ENOTDIR'],
    ['its directory is gone', 'gone/m', 'ENOENT'],
  ];
  for (const [what, name, errno] of places)
    it(`says why it is not written when ${what}, and ends nothing`, () => {
      const folder = temporaryFolder();
      fs.mkdirSync(path.join(folder, 'taken.new'));
      fs.writeFileSync(path.join(folder, 'file'), '');
      expect(replaceFile(path.join(folder, name), 'text')).to.equal(errno);
    });
});
