import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HangingFile } from '../../src/probe/hanging-file.ts';
import { isReading } from '../../src/probe/timed-reads.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

describe('the file that kept an earlier agent in the kernel', () => {
  it('hangs until a read of it comes back, and is then forgotten', async () => {
    const folder = temporaryFolder();
    // A read of a pipe waits for somebody who writes.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const note = join(folder, 'note');
    fs.writeFileSync(note, pipe);
    const file = new HangingFile(note);
    for (let pass = 0; pass < 4; pass++) expect(await file.hangs(), `pass ${pass}`).to.equal(true);
    expect(file.path).to.equal(pipe);
    fs.closeSync(fs.openSync(pipe, 'r+'));
    await waitFor('its reads', () => !isReading());
    fs.rmSync(pipe);
    expect(await file.hangs()).to.equal(false);
    expect(file.path).to.equal(null);
    expect(fs.existsSync(note)).to.equal(false);
  });

  it('is none without a note, or with one that names no path', async () => {
    const note = join(temporaryFolder(), 'note');
    fs.writeFileSync(note, 'a file');
    for (const file of [new HangingFile(null), new HangingFile(note), new HangingFile('/none')]) {
      expect(file.path).to.equal(null);
      expect(await file.hangs()).to.equal(false);
    }
  });

  it('is none where somebody put a pipe, a link or too much in place of the note, and never waits', () => {
    const folder = temporaryFolder();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const link = join(folder, 'link');
    fs.symlinkSync('/dev', link);
    const long = join(folder, 'long');
    fs.writeFileSync(long, `/${'a'.repeat(10_000)}`);
    for (const note of [pipe, link, long]) expect(new HangingFile(note).path, note).to.equal(null);
  });
});
