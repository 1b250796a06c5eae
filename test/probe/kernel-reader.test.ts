import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readBytes, readStable, KernelReader } from '../../src/probe/kernel-reader.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Tells how often a file was read, and lets it change after each read. */
class WatchedReader extends KernelReader {
  reads = 0;
  afterRead: () => void = () => {};

  override read(path: string | Buffer, limit?: number) {
    this.reads += 1;
    const result = super.read(path, limit);
    this.afterRead();
    return result;
  }
}

describe('a whole file', () => {
  it('is read byte for byte, also where it is not ASCII or not UTF-8', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    const reader = new KernelReader(folder);
    for (const bytes of ['', 'a\n', 'caf\u00c3\u00a9', '\u00ff\u00fe a', 'x'.repeat(20_000)]) {
      writeFileSync(file, bytes, 'latin1');
      expect(reader.whole(file)).to.deep.equal({ kind: 'read', text: bytes });
      expect(reader.text('/file')).to.equal(bytes);
    }
    expect(reader.whole(join(folder, 'none'))).to.deep.equal({ kind: 'failed', errno: 'ENOENT' });
    expect(reader.whole(folder)).to.deep.equal({ kind: 'failed', errno: 'EISDIR' });
  });
});

describe('readStable', () => {
  it('reads until two reads agree', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'table'), 'a');
    const reader = new WatchedReader(folder);
    reader.afterRead = () => {
      if (reader.reads < 3) appendFileSync(join(folder, 'table'), 'b');
    };
    expect(readStable(reader, '/table', { attempts: 8, before: null })).to.deep.equal({
      kind: 'read',
      bytes: 'abb',
    });
    expect(reader.reads).to.equal(4);
  });

  it('gives up after the last attempt, with what it read then', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'table'), '');
    const reader = new WatchedReader(folder);
    reader.afterRead = () => appendFileSync(join(folder, 'table'), 'x');
    expect(readStable(reader, '/table', { attempts: 3, before: null })).to.deep.equal({
      kind: 'read',
      bytes: 'xx',
    });
    expect(reader.reads).to.equal(3);
  });

  it('needs only one read after an earlier equal one', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'table'), 'same');
    const reader = new WatchedReader(folder);
    const before = readBytes(new KernelReader(folder), '/table');
    expect(Buffer.isBuffer(before) && before.toString()).to.equal('same');
    readStable(reader, '/table', {
      attempts: 8,
      before: Buffer.isBuffer(before) ? before : null,
    });
    expect(reader.reads).to.equal(1);
  });

  it('keeps every byte, of files longer than any buffer', () => {
    const folder = temporaryFolder();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
    writeFileSync(join(folder, 'table'), bytes);
    const result = readStable(new KernelReader(folder), '/table', { attempts: 2, before: null });
    expect(result.kind === 'read' && Buffer.from(result.bytes, 'latin1').equals(bytes)).to.equal(
      true,
    );
  });

  it('says why a file cannot be read', () => {
    const folder = temporaryFolder();
    const reader = new KernelReader(folder);
    expect(readStable(reader, '/none', { attempts: 2, before: null })).to.deep.equal({
      kind: 'failed',
      errno: 'ENOENT',
    });
  });

  it("reads a kernel's file whole: a page at a time, a short read is not its end", function () {
    if (process.platform !== 'linux') skip(this, 'needs the /proc of Linux');
    const whole = readBytes(new KernelReader('/'), '/proc/kallsyms');
    if (!Buffer.isBuffer(whole)) skip(this, 'no /proc/kallsyms here');
    expect(whole.length).to.be.greaterThan(64 * 1024);
  });
});
