import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { socketServing } from '../probe/socket-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { reportJson } from '../../src/present/report-json.ts';
import { handleOf, LOST, capturedCell } from './captured-cell.ts';
import { expectRefused, STACK_TRACE, typed, rollcall } from './rollcall.ts';

type ReportJson = ReturnType<typeof reportJson>;

/**
 * In processes of their own: these checks read this machine, where the command line of a process
 * can keep its reader waiting, and with it a thread of the pool that all files of a worker share.
 */
describe('a Garden socket that cannot be used', () => {
  it('is why the verdict of a check is unknown, and exits 2', async () => {
    const folder = temporaryFolder();
    const socket = ['--garden-socket', join(folder, 'none.sock')];
    const table = await rollcall(['check', ...socket]);
    expect([table.code, table.stderr]).to.deep.equal([2, '']);
    expect(table.stdout).not.to.match(STACK_TRACE);
    const { code, stdout, stderr } = await rollcall(['check', ...socket, '--format', 'json']);
    expect([code, stderr]).to.deep.equal([2, '']);
    const { verdict, garden, containers } = JSON.parse(stdout) as ReportJson;
    expect({ verdict, containers }).to.deep.equal({ verdict: 'unknown', containers: [] });
    expect(garden.state === 'unavailable' ? garden.why : '').to.match(
      /none\.sock" does not exist: start the garden job/,
    );
    expectRefused(await rollcall(['explain', 'x', ...socket]), /Unknown/);
  });

  it('accepts the connection and never answers', async () => {
    const socket = await socketServing(() => undefined);
    const args = ['--garden-socket', socket, '--garden-timeout', '300ms'];
    const { code, stdout } = await rollcall(['check', ...args]);
    expect(code).to.equal(2);
    expect(stdout.replaceAll(/\s+/g, ' ')).to.match(/not answer within 0\.3 s/);
  });
});

describe('a root without a /proc', function () {
  it('is one line of every command', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const root of [join(folder, 'none'), folder, join(folder, 'file')]) {
      for (const command of [
        ['check'],
        ['explain', 'x'],
        ['capture', join(folder, 'c')],
        ['mounts'],
      ]) {
        const ran = await typed([...command, '--root', root]);
        expectRefused(ran, /\/proc\/1\/mountinfo (does not exist: this needs|cannot be read \()/);
      }
    }
  });
});

describe('a file that is not a capture', function () {
  it('is missing, a directory, empty, cut, not packed, of another schema, or of another kind', async () => {
    const file = capturedCell();
    const packed = await readFile(file);
    const text = gunzipSync(packed).toString('utf8');
    const json = (change: (capture: Record<string, unknown>) => void): Buffer => {
      const capture = JSON.parse(text) as Record<string, unknown>;
      change(capture);
      return gzipSync(JSON.stringify(capture));
    };
    const cases: readonly (readonly [Buffer | string, RegExp])[] = [
      ['', /is not a complete gzip file/],
      [
        packed.subarray(0, packed.length / 2),
        /is not a complete gzip file: it is truncated, damaged or not a/,
      ],
      [text, /is not a complete gzip file/],
      [gzipSync(text.slice(0, -100)), /is not a capture: it is not valid JSON/],
      [gzipSync('['.repeat(1_000_000)), /is not a capture: it is nested deeper than 64 levels/],
      [gzipSync('[]'), /is not a readable capture/],
      [gzipSync('null'), /is not a readable capture/],
      [json((one) => (one['schemaVersion'] = 2)), /schemaVersion 2, this rollcall reads 3/],
      [json((one) => (one['schemaVersion'] = 4)), /schemaVersion 4, this rollcall reads 3/],
      [json((one) => (one['schemaVersion'] = '1')), /invalid value at schemaVersion/],
      [json((one) => (one['passes'] = [])), /invalid value at passes/],
      [json((one) => (one['passes'] = [{}])), /invalid value at passes\.0/],
    ];
    for (const [content, says] of cases) {
      writeFileSync(file, content);
      expectRefused(await typed(['check', '--capture', file]), says);
    }
    expectRefused(await typed(['explain', 'x', '--capture', file]), /invalid value at passes/);
    const folder = join(file, '..');
    expectRefused(await typed(['check', '--capture', folder]), /\(EISDIR\)\. Give the path/);
    const none = join(folder, 'none');
    expectRefused(await typed(['check', '--capture', none]), /\(ENOENT\)\. Give the path/);
  });

  it('has a name that controls a terminal', async () => {
    const file = capturedCell();
    const path = `${file}\u001b[31m\n`;
    const ran = await typed(['check', '--capture', path]);
    expectRefused(ran, /\\u\{1b\}\[31m\\n/);
    expect(ran.stderr).not.to.contain('\u001b');
  });
});

describe('a handle', function () {
  it('that no container has exits 2, a tracked one 0, a lost one 1', async () => {
    const file = capturedCell();
    const explain = (handle: string) => typed(['explain', '--capture', file, '--', handle]);
    for (const handle of ['none', '', '-x', `${LOST}x`, '../x']) {
      expectRefused(
        await explain(handle),
        /No container ".*" on this cell: .* rollcall check --all/,
      );
    }
    const tracked = await explain(handleOf(3));
    expect([tracked.code, tracked.stderr]).to.deep.equal([0, '']);
    const lost = await explain(LOST);
    expect([lost.code, lost.stderr]).to.deep.equal([1, '']);
    expect(lost.stdout).to.contain('untracked, unknown-to-garden, critical');
  });
});
