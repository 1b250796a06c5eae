import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { endOfRepLog } from '../../src/probe/rep-log.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe("the end of rep's log", () => {
  it('is its last 16 MB', () => {
    const file = path.join(temporaryFolder(), 'rep.stdout.log');
    fs.writeFileSync(file, 'short\n');
    expect(endOfRepLog(file)).to.equal('short\n');
    fs.writeFileSync(file, `${'x'.repeat(20 * 1024 * 1024)}end\n`);
    expect(endOfRepLog(file))
      .to.have.length(16 * 1024 * 1024)
      .and.match(/xend\n$/);
  });

  it('is nothing of a file that is missing, a directory, a link or a pipe', () => {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'log'), 'x');
    fs.symlinkSync('log', path.join(folder, 'link'));
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    for (const name of ['missing', 'link', 'pipe', '.'])
      expect(endOfRepLog(path.join(folder, name)), name).to.equal(null);
  });
});
