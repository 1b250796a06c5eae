import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { printPaged } from '../../src/cli/pager.ts';
import { capturedCell } from './captured-cell.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const PROGRAM = fileURLToPath(new URL('on-terminal.ts', import.meta.url));

const RUNBOOK = ['runbook', 'unowned'];

const shown = async (pager: string, typed: readonly string[], TERM = 'xterm') => {
  const { exitCode, signal, stdout } = await execa(process.execPath, [PROGRAM, pager, ...typed], {
    env: { OUTSIDE: 'not of the command', TERM },
    reject: false,
    timeout: 60_000,
  });
  return { exitCode, signal, stdout };
};

/** What a command does with a pager that is this shell script. */
function paged(script: string, typed = RUNBOOK, TERM = 'xterm') {
  const pager = path.join(temporaryFolder(), 'pager');
  fs.writeFileSync(pager, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return shown(pager, typed, TERM);
}

const MARKED = 'echo BEGIN; cat; echo END';

describe('a long text on a terminal', () => {
  it('goes through the pager', async () => {
    const { exitCode, stdout } = await paged(MARKED);
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^BEGIN\n.*unowned.*\nEND$/s);
  });

  it('begins with the verdict of a check, which a table has at its end', async () => {
    const typed = ['check', '--all', '--color', 'never', '--capture', capturedCell()];
    const verdict = /^1 of 32 containers is untracked/gm;
    const { stdout } = await paged(MARKED, typed);
    expect(stdout).to.match(/^BEGIN\n1 of 32 containers is untracked/);
    expect(stdout.match(verdict)).to.have.length(2);
    const plain = await shown('-', [...typed, '--no-pager']);
    expect(plain.stdout.match(verdict)).to.have.length(1);
  });

  it('does not with --no-pager, as JSON, on a dumb terminal, or if it fits the window', async () => {
    const mounts = ['mounts', '--mountinfo', '/proc/self/mountinfo'];
    for (const [typed, TERM] of [
      [[...RUNBOOK, '--no-pager'], 'xterm'],
      [[...mounts, '--compare', '--format', 'json'], 'xterm'],
      [RUNBOOK, 'dumb'],
      [['version'], 'xterm'],
    ] as const) {
      const { stdout } = await paged(MARKED, [...typed], TERM);
      expect(stdout, typed.join(' ')).to.not.match(/^BEGIN|^$/);
    }
  });

  it('is printed if there is no pager, or if $PAGER is empty', async () => {
    for (const pager of ['/nowhere/pager', '', ' '])
      expect((await shown(pager, RUNBOOK)).stdout, pager).to.contain('unowned');
  });

  it('gives the pager the environment of the command and no other, and lets it start no shell', async () => {
    const { stdout } = await paged(
      'cat >/dev/null; echo "$LESS ${OUTSIDE-unset} $LESSSECURE $PAGER"',
    );
    expect(stdout).to.match(/^FRX unset 1 \/.*\/pager$/);
  });

  it('is not printed once more if somebody leaves the pager before its end', () => {
    let printed = '';
    const io = {
      stdout: (text: string) => {
        printed += text;
      },
      stderr: () => undefined,
      isTty: true,
      columns: 80,
      rows: 24,
      env: { PAGER: '/bin/true', TERM: 'xterm' },
    };
    // More than a pipe holds, so that the write fails.
    printPaged('text\n'.repeat(1_000_000), {}, io);
    expect(printed).to.equal('');
    printPaged('text\n'.repeat(1_000_000), { noPager: true }, io);
    expect(printed).to.have.length(5_000_000);
  });

  it('is printed on a terminal without a size, where nobody could leave the pager', () => {
    let printed = '';
    const stdout = (text: string): void => {
      printed += text;
    };
    const io = { stdout, stderr: () => undefined, isTty: true, columns: 80, rows: 0 };
    printPaged('text\n'.repeat(50), {}, { ...io, env: { PAGER: 'cat', TERM: 'xterm' } });
    expect(printed).to.have.length(250);
  });

  it('leaves Ctrl-C to the pager, and ends after it', async () => {
    // Ctrl-C ended rollcall, and left less and the shell on one terminal.
    const result = await paged('kill -INT $PPID; cat >/dev/null; echo END');
    expect(result).to.deep.equal({ exitCode: 0, signal: undefined, stdout: 'END' });
  });
});
