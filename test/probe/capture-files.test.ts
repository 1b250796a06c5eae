import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { KnownFailure } from '../../src/model/failure.ts';
import type { Capture } from '../../src/model/snapshot.ts';
import { captureText } from '../../src/parse/capture-file.ts';
import { readCapture, readStoredCapture, writeCapture } from '../../src/probe/capture-files.ts';
import { capturedCell } from '../cli/captured-cell.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const failing = (capture: Capture, file: string): unknown => {
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
    const { capture } = readCapture(made);
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
    expect(readCapture(file).capture).to.deep.equal(capture);
  });

  it('does not overwrite an existing file', () => {
    const made = capturedCell();
    const folder = temporaryFolder();
    const file = join(folder, 'precious');
    fs.writeFileSync(file, 'precious');
    expect(failing(readCapture(made).capture, file)).to.equal('CAPTURE_WRITE');
    expect(fs.readFileSync(file, 'utf8')).to.equal('precious');
  });

  it('holds a digest that zcat, sed and sha256sum compute, too', () => {
    const file = capturedCell();
    const command = `zcat '${file}' | sed 's/^{"sha256":"[0-9a-f]*",/{/' | sha256sum`;
    const [sum] = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split(' ');
    expect(readCapture(file).digest).to.deep.equal({ stored: sum, ofContent: sum });
    expect(fs.readFileSync('docs/appendix/json.md', 'utf8')).to.contain(
      command.slice(command.indexOf('sed')),
    );
  });

  it('is not replayed if one digit of it was changed, or without its digest', () => {
    const file = capturedCell();
    const text = gunzipSync(fs.readFileSync(file)).toString('utf8');
    const changed = join(temporaryFolder(), 'changed.json.gz');
    fs.writeFileSync(
      changed,
      gzipSync(text.replace('"settleMilliseconds":2000', '"settleMilliseconds":2001')),
    );
    expect(() => readCapture(changed)).to.throw(KnownFailure, 'does not match its SHA-256');
    const { digest } = readStoredCapture(changed);
    expect(digest.ofContent).not.to.equal(digest.stored);
    const without = join(temporaryFolder(), 'without.json.gz');
    fs.writeFileSync(without, gzipSync(text.replace(/"sha256":"\w+",/, '')));
    expect(() => readCapture(without)).to.throw(KnownFailure, 'does not begin with its SHA-256');
  });
});
