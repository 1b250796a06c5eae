import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCheck, type CheckArguments } from '../../src/cli/check-command.ts';
import { finish } from '../../src/terminal/failing.ts';
import { runExplain } from '../../src/cli/explain-command.ts';
import type { Io } from '../../src/terminal/io.ts';
import { displayWidth } from '../../src/present/display-width.ts';
import { keptStreams } from '../kept-streams.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { skip } from '../skip.ts';
import { handleOf, LOST, capturedCell } from './captured-cell.ts';
import { STACK_TRACE, typed } from './rollcall.ts';

const COLOR = /\u001b\[[\d;]*m/;

const terminal = (world: Partial<Io>) => {
  const { written, ...streams } = keptStreams();
  const io: Io = { ...streams, isTty: false, columns: 80, env: {}, ...world };
  return { io, written };
};

async function checked(args: Partial<CheckArguments>, world: Partial<Io> = {}): Promise<string> {
  const { io, written } = terminal(world);
  const all: CheckArguments = {
    format: 'table',
    color: 'auto',
    all: false,
    statusSocket: '/none',
    ...args,
  };
  expect(await finish(() => runCheck(all, io), io)).to.equal(1);
  expect(written.stderr).to.equal('');
  return written.stdout;
}

/** Runs rollcall, reads the first bytes of its output (or none) and closes the pipe. */
async function closedEarly(args: readonly string[], after: 'nothing' | 'the first bytes') {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  if (after === 'the first bytes') {
    await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end')]);
  }
  child.stdout.destroy();
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stderr };
}

/** Handles, commands, paths and the runbook's commands stay whole, because they are copied. */
const widestProse = (text: string): number =>
  Math.max(
    ...text
      .split('\n')
      .filter((line) => !/[\w-]{20,}|\/\w+\/|^ {4}|^\||^  pid \d|MOUNT/.test(line))
      .map(displayWidth),
  );

describe('the output of rollcall', function () {
  it('fits the terminal, down to 40 columns, every word of the sentences included', async () => {
    const capture = capturedCell();
    const wide = await checked({ capture, all: true }, { columns: 200 });
    for (const columns of [40, 60, 80, 132]) {
      const text = await checked({ capture, all: true }, { columns });
      expect(widestProse(text), `${columns} columns`).to.be.at.most(columns);
      const words = (one: string): string => one.replaceAll(/\s+/g, ' ');
      const [verdict = ''] = /\d+ of 32 containers are untracked.*?\./.exec(words(wide)) ?? [''];
      expect(words(text)).to.contain(verdict);
    }
    const { io, written } = terminal({ columns: 40 });
    const args = {
      capture,
      handle: LOST,
      format: 'table',
      color: 'auto',
      statusSocket: '/none',
    } as const;
    expect(await runExplain(args, io)).to.equal(1);
    expect(widestProse(written.stdout), 'explain').to.be.at.most(40);
    expect(written.stdout.split('\n'), 'the handle, to copy').to.include(LOST);
  });

  it('explains no properties only where Garden said so', async () => {
    const capture = capturedCell();
    for (const [handle, expected] of [
      [handleOf(0), /^Properties:\n +executor:owner = executor$/m],
      [LOST, /^Properties unknown: Garden does not list it, or did not answer\.$/m],
    ] as const) {
      const { stdout } = await typed(['explain', handle, '--capture', capture]);
      expect(stdout).to.match(expected);
    }
  });

  it('is coloured only on a terminal, unless an option asks for it', async () => {
    const capture = capturedCell();
    expect(await checked({ capture })).not.to.match(COLOR);
    expect(await checked({ capture }, { isTty: true })).to.match(COLOR);
    const colored = await checked({ capture, color: 'always' });
    expect(colored.replaceAll(new RegExp(COLOR, 'g'), '')).to.equal(await checked({ capture }));
  });

  it('is one JSON text and nothing else with --format json', async () => {
    const capture = capturedCell();
    for (const args of [['check'], ['explain', LOST]]) {
      const options = ['--format', 'json', '--color', 'always', '--capture', capture];
      const { code, stdout, stderr } = await typed([...args, ...options]);
      expect([code, stderr]).to.deep.equal([1, '']);
      expect(JSON.parse(stdout)).to.be.an('object');
      expect(stdout)
        .to.match(/^\{\n[^]*\n\}\n$/)
        .and.not.match(COLOR);
    }
  });

  it('may be read in part: `| head -1` is not an error, and the exit code is that of the check', async () => {
    const capture = capturedCell();
    for (const format of ['json', 'table']) {
      const args = ['check', '--all', '--format', format, '--capture', capture];
      const ran = await closedEarly(args, 'nothing');
      expect(ran, format).to.deep.equal({ code: 1, signal: null, stderr: '' });
    }
    const help = await closedEarly(['--help'], 'nothing');
    expect(help, 'help').to.deep.equal({ code: 0, signal: null, stderr: '' });
  });

  it('may be read in part when it is longer than a pipe holds', async () => {
    const folder = temporaryFolder();
    const table = join(folder, 'mountinfo');
    const lines = Array.from(
      { length: 4000 },
      (_, n) =>
        `${n + 100} 20 0:${n + 100} / /mnt/a/long/place/for/number/${n} rw - cgroup cgroup rw,name=n${n}`,
    );
    const root = '20 1 254:0 / / rw - ext4 /dev/vda rw';
    writeFileSync(table, `${[root, ...lines].join('\n')}\n`);
    const args = ['mounts', '--format', 'json', '--mountinfo', table];
    const ran = await closedEarly(args, 'the first bytes');
    expect([ran.code, ran.signal]).to.deep.equal([0, null]);
    expect(ran.stderr).not.to.match(STACK_TRACE);
  });

  it('that cannot be written is an error in one line, not an all-clear', async function () {
    if (!existsSync('/dev/full')) skip(this, 'this machine has no /dev/full');
    const script = '"$@" >/dev/full';
    const child = spawn('sh', ['-c', script, 'sh', process.execPath, PROGRAM, '--help'], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(stderr).to.match(/^rollcall: The output cannot be written \(ENOSPC\)[^\n]*\.\n$/);
    expect(code).to.equal(2);
  });
});

describe('the end of a command', () => {
  it('reports a bug in rollcall with its stack trace, and never as a finding', async () => {
    const { io, written } = terminal({});
    const code = await finish(() => Promise.reject(new TypeError('x is not a function')), io);
    expect(code).to.equal(2);
    expect(written.stdout).to.equal('');
    expect(written.stderr).to.contain('This is a bug in rollcall').and.match(STACK_TRACE);
  });
});
