import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Io } from '../../src/terminal/io.ts';
import { displayWidth } from '../../src/present/display-width.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { skip } from '../skip.ts';
import { handleOf, LOST, capturedCell } from './captured-cell.ts';
import { ran, STACK_TRACE, typed } from './rollcall.ts';

const COLOR = /\u001b\[[\d;]*m/;

async function checked(words: readonly string[], world: Partial<Io> = {}): Promise<string> {
  const args = ['check', '--status-socket', '/none', ...words];
  const { code, stdout, stderr } = await typed(args, world);
  expect([code, stderr]).to.deep.equal([1, '']);
  return stdout;
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
    const all = ['--all', '--capture', capture];
    const wide = await checked(all, { columns: 200 });
    for (const columns of [40, 60, 80, 132]) {
      const text = await checked(all, { columns });
      expect(widestProse(text), `${columns} columns`).to.be.at.most(columns);
      const words = (one: string): string => one.replaceAll(/\s+/g, ' ');
      const [verdict = ''] = /\d+ of 32 containers are untracked.*?\./.exec(words(wide)) ?? [''];
      expect(words(text)).to.contain(verdict);
    }
    const explained = await typed(['explain', LOST, '--capture', capture], { columns: 40 });
    expect(explained.code).to.equal(1);
    expect(widestProse(explained.stdout), 'explain').to.be.at.most(40);
    expect(explained.stdout.split('\n'), 'the handle, to copy').to.include(LOST);
  });

  it('explains no properties only where Garden said so', async () => {
    const capture = capturedCell();
    for (const [handle, expected] of [
      [handleOf(0), /^PROPERTY +VALUE\nexecutor:owner +executor$/m],
      [LOST, /^Properties unknown: Garden does not list this container, or did not answer\.$/m],
    ] as const) {
      const { stdout } = await typed(['explain', handle, '--all', '--capture', capture]);
      expect(stdout).to.match(expected);
    }
  });

  it('is coloured only on a terminal, unless an option asks for it', async () => {
    const capture = ['--capture', capturedCell()];
    const plain = await checked(capture);
    expect(plain).not.to.match(COLOR);
    expect(await checked(capture, { isTty: true })).to.match(COLOR);
    const colored = await checked([...capture, '--color', 'always']);
    expect(colored.replaceAll(new RegExp(COLOR, 'g'), '')).to.equal(plain);
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
      const closed = await closedEarly(args, 'nothing');
      expect(closed, format).to.deep.equal({ code: 1, signal: null, stderr: '' });
    }
    const help = await closedEarly(['--help'], 'nothing');
    expect(help, 'help').to.deep.equal({ code: 0, signal: null, stderr: '' });
  });

  it('may be read in part when it is longer than a pipe holds', async () => {
    const folder = temporaryFolder();
    const table = join(folder, 'mountinfo');
    const lines = Array.from({ length: 4000 }, (_, n) => {
      const mountPoint = `/mnt/a/long/place/for/number/${n}`;
      return `${n + 100} 20 0:${n + 100} / ${mountPoint} rw - cgroup cgroup rw,name=n${n}`;
    });
    const root = '20 1 254:0 / / rw - ext4 /dev/vda rw';
    writeFileSync(table, `${[root, ...lines].join('\n')}\n`);
    const args = ['mounts', '--format', 'json', '--mountinfo', table];
    const closed = await closedEarly(args, 'the first bytes');
    expect([closed.code, closed.signal]).to.deep.equal([0, null]);
    expect(closed.stderr).not.to.match(STACK_TRACE);
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
    const { code, stdout, stderr } = await ran(() =>
      Promise.reject(new TypeError('x is not a function')),
    );
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.contain('This is a bug in rollcall').and.match(STACK_TRACE);
  });
});
