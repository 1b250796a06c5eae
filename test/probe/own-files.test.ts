import fs from 'node:fs';
import path, { join } from 'node:path';
import { mock } from 'node:test';
import { expect } from 'chai';
import { execa } from 'execa';
import { KnownFailure } from '../../src/model/failure.ts';
import { captureText } from '../../src/parse/capture-file.ts';
import {
  readCapture,
  readMemoryFile,
  writeCapture,
  replaceFile,
} from '../../src/probe/own-files.ts';
import { capturedCell } from '../cli/captured-cell.ts';
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

const failing = (capture: ReturnType<typeof readCapture>, file: string): unknown => {
  try {
    writeCapture(captureText(capture), file);
    return null;
  } catch (error) {
    return error instanceof KnownFailure ? error.code : error;
  }
};

describe('a capture that is written', () => {
  it('leaves nothing where it could not be written, so that the next try finds the place free', () => {
    const made = capturedCell();
    const folder = temporaryFolder();
    const capture = readCapture(made);
    const file = join(folder, 'x.json.gz');
    const full = mock.method(fs, 'writeFileSync', (open: number) => {
      fs.writeSync(open, 'half');
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    });
    try {
      expect(failing(capture, file)).to.equal('CAPTURE_WRITE');
    } finally {
      full.mock.restore();
    }
    expect(fs.existsSync(file)).to.equal(false);
    writeCapture(captureText(capture), file);
    expect(readCapture(file)).to.deep.equal(capture);
  });

  it('does not overwrite an existing file', () => {
    const made = capturedCell();
    const folder = temporaryFolder();
    const file = join(folder, 'precious');
    fs.writeFileSync(file, 'precious');
    expect(failing(readCapture(made), file)).to.equal('CAPTURE_WRITE');
    expect(fs.readFileSync(file, 'utf8')).to.equal('precious');
  });
});
