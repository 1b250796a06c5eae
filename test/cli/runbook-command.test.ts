import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { temporaryFolder } from '../temporary-folder.ts';

const PROGRAM = fileURLToPath(new URL('runbook-on-terminal.ts', import.meta.url));

/** What `rollcall runbook unowned` does with a pager that is this shell script. */
const paged = async (script: string) => {
  const folder = temporaryFolder();
  const pager = path.join(folder, 'pager');
  fs.writeFileSync(pager, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  const args = [PROGRAM, 'unowned', pager];
  const { exitCode, signal, stdout } = await execa(process.execPath, args, {
    env: { OUTSIDE: 'not of the command' },
    reject: false,
    timeout: 60_000,
  });
  return { exitCode, signal, stdout };
};

describe('rollcall runbook on a terminal', () => {
  it('shows the section in the pager', async () => {
    const { exitCode, stdout } = await paged('echo BEGIN; cat; echo END');
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^BEGIN\n.*unowned.*\nEND$/s);
  });

  it('gives the pager the environment of the command and no other', async () => {
    const { stdout } = await paged('cat >/dev/null; echo "$LESS ${OUTSIDE-unset} $PAGER"');
    expect(stdout).to.match(/^FRX unset \/.*\/pager$/);
  });

  it('leaves Ctrl-C to the pager, and ends after it', async () => {
    // Ctrl-C ended rollcall, and left less and the shell on one terminal.
    const result = await paged('kill -INT $PPID; cat >/dev/null; echo END');
    expect(result).to.deep.equal({ exitCode: 0, signal: undefined, stdout: 'END' });
  });
});
