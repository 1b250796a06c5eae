import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { execa } from 'execa';
import { expect } from 'chai';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { STATES } from '../present/agent-state-builder.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { agentShowing } from './running-agent.ts';

/** `status --watch` on a terminal of 80 × 24, made by script(1). */
async function onTerminal() {
  const folder = temporaryFolder();
  const file = (name: string): string => path.join(folder, name);
  const { socketPath } = await agentShowing(STATES.untracked());
  const command = [
    `stty rows 24 cols 80; tty >${file('tty')}; stty -g >${file('before')}`,
    `${process.execPath} ${PROGRAM} status --watch --status-socket ${socketPath}; echo "exit $?"`,
    `stty -g >${file('after')}`,
  ].join('; ');
  const child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh' },
  });
  atEndOfTest(() => child.kill('SIGKILL'));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  return {
    type: (keys: string) => child.stdin.write(keys),
    /** What it draws from now on. */
    draws: async (part: string) => {
      await waitFor(`"${part}" in ${JSON.stringify(shown.slice(-2000))}`, () =>
        shown.includes(part),
      );
      shown = '';
    },
    resize: (...size: readonly string[]) =>
      execa('stty', ['-F', readFileSync(file('tty'), 'utf8').trim(), ...size]),
    /** The terminal is as it was. */
    ends: async (exit: number) => {
      await once(child, 'close');
      expect(shown).to.match(new RegExp(String.raw`\x1b\[\?25h\x1b\[\?1049lexit ${exit}\r\n$`));
      expect(readFileSync(file('after'), 'utf8')).to.equal(readFileSync(file('before'), 'utf8'));
    },
  };
}

describe('status --watch on a terminal', () => {
  before(function () {
    if (!existsSync('/usr/bin/script')) skip(this, 'script(1) is missing');
  });

  it('follows keys and the size of the window, and gives the terminal back', async () => {
    const terminal = await onTerminal();
    await terminal.draws('1 of 60');
    terminal.type('\u001b[B');
    await terminal.draws('2 of 60');
    await terminal.resize('rows', '8', 'cols', '50');
    await terminal.draws('q quit  2 of…');
    terminal.type('q');
    await terminal.ends(1);
  });

  it('gives it back on Ctrl-C, too', async () => {
    const terminal = await onTerminal();
    await terminal.draws('1 of 60');
    terminal.type('\u0003');
    await terminal.ends(1);
  });
});
