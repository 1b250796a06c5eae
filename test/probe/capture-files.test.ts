import fs from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { expect } from 'chai';
import { KnownFailure } from '../../src/model/failure.ts';
import { captureText } from '../../src/parse/capture-file.ts';
import { readCapture, writeCapture } from '../../src/probe/capture-files.ts';
import { capturedCell } from '../cli/captured-cell.ts';
import { temporaryFolder } from '../temporary-folder.ts';

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
