import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { execa } from 'execa';
import { onSocket } from '../probe/socket-server.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { skip } from '../skip.ts';
import type { reportJson } from '../../src/present/report-json.ts';
import { handleOf, LOST, withCapture } from './captured-cell.ts';
import { expectRefused, STACK_TRACE, typed, rollcall } from './rollcall.ts';

type ReportJson = ReturnType<typeof reportJson>;

describe('a Garden socket that cannot be used', function () {
  /** What check says of Garden, whatever else it can see on this machine. */
  async function expectUnavailable(socket: string, why: RegExp, ...args: string[]): Promise<void> {
    const table = await typed(['check', '--garden-socket', socket, ...args]);
    expect([table.code, table.stderr]).to.deep.equal([2, '']);
    expect(table.stdout).not.to.match(STACK_TRACE);
    const json = ['check', '--garden-socket', socket, '--format', 'json', ...args];
    const { code, stdout, stderr } = await typed(json);
    expect([code, stderr]).to.deep.equal([2, '']);
    const { verdict, garden, containers } = JSON.parse(stdout) as ReportJson;
    expect(verdict).to.equal('unknown');
    expect(containers).to.deep.equal([]);
    expect(garden.state === 'unavailable' ? garden.why : '').to.match(why);
  }

  it('is missing', () =>
    inTemporaryFolder((folder) =>
      expectUnavailable(
        join(folder, 'none.sock'),
        /none\.sock" does not exist: start the garden job/,
      ),
    ));

  it('is given as nothing', () => expectUnavailable('', /socket "" does not exist/));

  it('has a path that is impossible for a socket', () =>
    expectUnavailable(`/${'s'.repeat(200)}`, /at most 107 bytes: correct --garden-socket/));

  it('is a file, a directory, or a link to nowhere', () =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '');
      mkdirSync(join(folder, 'folder'));
      symlinkSync('/nowhere', join(folder, 'link'));
      await expectUnavailable(join(folder, 'file'), /file" is not a socket: check that/);
      await expectUnavailable(join(folder, 'folder'), /folder" is not a socket/);
      await expectUnavailable(join(folder, 'link'), /link" does not exist/);
    }));

  it('is one on which nobody listens any more', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'stale.sock');
      // A process that is killed leaves its socket behind.
      const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
      await execa(process.execPath, ['-e', program], { reject: false });
      await expectUnavailable(path, /Nothing listens on .*: start the garden job/);
    }));

  it('accepts the connection and never answers', () =>
    onSocket(
      () => undefined,
      (path) => expectUnavailable(path, /not answer within 0\.3 s/, '--garden-timeout', '300ms'),
    ));

  it('accepts the connection and closes it, or speaks another protocol', async () => {
    await onSocket(
      (socket) => socket.destroy(),
      (path) => expectUnavailable(path, /was closed without an answer/),
    );
    await onSocket(
      (socket) => socket.end('220 mail.example ESMTP\r\n'),
      (path) => expectUnavailable(path, /does not speak HTTP/),
    );
  });

  it('is not open to an ordinary user', async function () {
    if (process.getuid?.() === 0) skip(this, 'root may enter every directory');
    await inTemporaryFolder(async (folder) => {
      const closed = join(folder, 'closed');
      mkdirSync(closed, { mode: 0 });
      try {
        await expectUnavailable(join(closed, 's'), /Not allowed to connect .*: run as root/);
      } finally {
        chmodSync(closed, 0o700); // else it cannot be removed
      }
    });
  });

  it('is one line of explain', () =>
    inTemporaryFolder(async (folder) => {
      const socket = join(folder, 'none.sock');
      expectRefused(await rollcall(['explain', 'x', '--garden-socket', socket]), /Unknown/);
    }));
});

describe('a root without a /proc', function () {
  it('is one line of every command', () =>
    inTemporaryFolder(async (folder) => {
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
    }));
});

describe('a file that is not a capture', function () {
  it('is missing, a directory, empty, cut, not packed, of another schema, or of another kind', () =>
    withCapture(async (file) => {
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
        [gzipSync(text.slice(0, -100)), /is not a capture: it is not complete JSON/],
        [gzipSync('[]'), /is not a readable capture/],
        [gzipSync('null'), /is not a readable capture/],
        [json((one) => (one['schemaVersion'] = 4)), /schemaVersion 4, this rollcall reads 1 to 3/],
        [json((one) => (one['schemaVersion'] = '1')), /invalid value at schemaVersion/],
        [json((one) => (one['looks'] = [])), /invalid value at looks/],
        [json((one) => (one['looks'] = [{}])), /invalid value at looks\.0/],
      ];
      for (const [content, says] of cases) {
        writeFileSync(file, content);
        expectRefused(await typed(['check', '--capture', file]), says);
      }
      expectRefused(await typed(['explain', 'x', '--capture', file]), /invalid value at looks/);
      const folder = join(file, '..');
      expectRefused(await typed(['check', '--capture', folder]), /\(EISDIR\)\. Give the path/);
      const none = join(folder, 'none');
      expectRefused(await typed(['check', '--capture', none]), /\(ENOENT\)\. Give the path/);
    }));

  it('has a name that controls a terminal', () =>
    withCapture(async (file) => {
      const path = `${file}\u001b[31m\n`;
      const ran = await typed(['check', '--capture', path]);
      expectRefused(ran, /\\u\{1b\}\[31m\\n/);
      expect(ran.stderr).not.to.contain('\u001b');
    }));
});

describe('a handle', function () {
  it('that no container has exits 2, a tracked one 0, a lost one 1', () =>
    withCapture(async (file) => {
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
    }));
});
