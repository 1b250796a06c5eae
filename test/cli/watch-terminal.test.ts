import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  writeFileSync(
    file('crash.cjs'),
    `require('fs').writeFileSync('${file('pid')}', String(process.pid));
    process.on('SIGUSR2', () => { throw new Error('a bug'); });`,
  );
  const { socketPath } = await agentShowing(STATES.untracked());
  const command = [
    `stty rows 24 cols 80; tty >${file('tty')}; stty -g >${file('before')}`,
    `${process.execPath} --require ${file('crash.cjs')} ${PROGRAM} status --watch --status-socket ${socketPath}; echo "exit $?"`,
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
    crash: () => process.kill(Number(readFileSync(file('pid'), 'utf8')), 'SIGUSR2'),
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
    /** The terminal is as it was, and this is all that it shows after the screen. */
    ends: async (says: string) => {
      await once(child, 'close');
      const [, after = ''] = shown.split('\u001b[?7h\u001b[?25h\u001b[?1049l');
      expect(after).to.match(new RegExp(`^${says}\r\n$`, 's'));
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
    await terminal.ends('exit 1');
  });

  it('gives it back on Ctrl-C, too', async () => {
    const terminal = await onTerminal();
    await terminal.draws('1 of 60');
    terminal.type('\u0003');
    await terminal.ends('exit 1');
  });

  it('gives it back before it says why it crashed', async () => {
    const terminal = await onTerminal();
    await terminal.draws('1 of 60');
    terminal.crash();
    await terminal.ends('.*Error: a bug.*exit [0-9]+');
  });
});
