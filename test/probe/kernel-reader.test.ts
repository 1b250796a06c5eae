import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readBytes, KernelReader } from '../../src/probe/kernel-reader.ts';
import { skip } from '../skip.ts';
import { showProcess } from './shown-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('a process', () => {
  it('is not read where another one has taken its pid meanwhile, or it has ended', () => {
    const root = temporaryFolder();
    const reader = new KernelReader(root);
    const readWhile = (happens: () => void): string | null =>
      reader.sameProcess(7, () => {
        happens();
        return 'what was read';
      });
    showProcess(root, { pid: 7, start: 100 });
    expect(readWhile(() => {})).to.equal('what was read');
    expect(readWhile(() => showProcess(root, { pid: 7, start: 200 }))).to.equal(null);
    expect(readWhile(() => rmSync(join(root, 'proc/7'), { recursive: true }))).to.equal(null);
    expect(readWhile(() => expect.fail('there is no process'))).to.equal(null);
  });
});

describe('a whole file', () => {
  it('is read byte for byte, also where it is not ASCII or not UTF-8', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    const reader = new KernelReader(folder);
    for (const bytes of ['', 'a\n', 'caf\u00c3\u00a9', '\u00ff\u00fe a', 'x'.repeat(20_000)]) {
      writeFileSync(file, bytes, 'latin1');
      expect(reader.whole(file)).to.equal(bytes);
      expect(reader.text('/file')).to.equal(bytes);
    }
    expect(reader.whole(join(folder, 'none'))).to.deep.equal({ errno: 'ENOENT' });
    expect(reader.whole(folder)).to.deep.equal({ errno: 'EISDIR' });
  });

  it('of the kernel is read a page at a time: a short read is not its end', function () {
    if (process.platform !== 'linux') skip(this, 'needs the /proc of Linux');
    const whole = readBytes(new KernelReader('/'), '/proc/kallsyms');
    if (!Buffer.isBuffer(whole)) skip(this, 'no /proc/kallsyms here');
    expect(whole.length).to.be.greaterThan(64 * 1024);
  });
});
