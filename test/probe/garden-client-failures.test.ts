import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../temporary-folder.ts';
import { LIST, codeOf, whyOf, listFrom, listOf, http } from './asking-garden.ts';
import { answering, withLength } from './socket-server.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

describe('gardenClient: a socket that cannot be used', () => {
  for (const [what, path, why] of [
    ['is missing', '/nonexistent/garden.sock', 'garden.sock" does not exist: start the garden job'],
    ['is below a file', '/etc/passwd/garden.sock', 'passwd'],
    ['has an empty path, which must not mean TCP', '', 'does not exist'],
    [
      'has a path that is too long for any socket',
      `/tmp/${'a'.repeat(200)}\u001b[31m`,
      'at most 107 bytes: correct',
    ],
  ] as const)
    it(what, async () => {
      const answer = await listFrom(path);
      expect(codeOf(answer)).to.equal('socket-missing');
      expect(whyOf(answer)).to.include(why);
    });

  it('is a file, a directory, or a link to nowhere', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'file'), folder]) {
      const answer = await listFrom(path);
      expect(codeOf(answer)).to.equal('not-a-socket');
      expect(whyOf(answer)).to.include('is not a socket: check that');
    }
    symlinkSync('/nowhere', join(folder, 'link'));
    expect(whyOf(await listFrom(join(folder, 'link')))).to.include('link" does not exist');
  });

  it('is left over from a server that was killed', async () => {
    const leftOver = join(temporaryFolder(), 'garden.sock');
    const server = createServer().listen(`${leftOver}.own`);
    await once(server, 'listening');
    // A second name keeps the file when the server removes its own.
    linkSync(`${leftOver}.own`, leftOver);
    server.close();
    await once(server, 'close');
    const answer = await listFrom(leftOver);
    expect(codeOf(answer)).to.equal('refused');
    expect(whyOf(answer)).to.match(/Nothing listens on .*: start the garden job/);
  });

  it('is in a directory that this user may not enter', async () => {
    const folder = temporaryFolder();
    const closed = join(folder, 'garden');
    mkdirSync(closed, { mode: 0o000 });
    const isRoot = process.geteuid?.() === 0;
    // Root may enter everywhere, so for this one request it is nobody.
    if (isRoot) process.seteuid?.(65_534);
    atEndOfTest(() => {
      if (isRoot) process.seteuid?.(0);
      chmodSync(closed, 0o700);
    });
    const answer = await listFrom(join(closed, 'garden.sock'));
    expect(codeOf(answer)).to.equal('permission');
    expect(whyOf(answer)).to.match(/Not allowed to connect .*: run as root/);
  });
});

/** What is said of these codes. */
const WHYS: Readonly<Record<string, string>> = {
  reset: 'was closed without an answer',
  'not-http': 'does not speak HTTP',
  'cut-short': 'ended in the middle',
  'not-json': 'is not ',
  'wrong-shape': 'it has no Handles',
};

describe('gardenClient: a server that does not answer as Garden', () => {
  const cases: [title: string, serve: (socket: Socket) => void, code: string][] = [
    ['closes without a word', (socket) => socket.on('data', () => socket.destroy()), 'reset'],
    ['closes at once', (socket) => socket.destroy(), 'reset'],
    ['speaks something else than HTTP', answering('SSH-2.0-OpenSSH_9.6\r\n'), 'not-http'],
    ['sends bytes without sense', answering(Buffer.from([0, 1, 2, 255, 254, 13, 10])), 'not-http'],
    ['sends an endless head', answering(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`), 'not-http'],
    [
      'sends a chunk of no length',
      answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
      'not-http',
    ],
    [
      'sends half a body',
      (socket) => socket.on('data', () => socket.end(withLength(LIST).slice(0, -9))),
      'cut-short',
    ],
    [
      'sends half a chunked body',
      (socket) =>
        socket.on('data', () =>
          socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"Han\r\n'),
        ),
      'cut-short',
    ],
    ['sends nothing but a status', answering('HTTP/1.1 204 No Content\r\n\r\n'), 'http-status'],
    ['sends a page', answering(withLength('<html><body>hello</body></html>')), 'not-json'],
    ['sends an empty body', answering(withLength('')), 'not-json'],
    [
      'sends bytes that are not UTF-8',
      answering(
        Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"Handles":["\xff"]', 'latin1'),
      ),
      'not-json',
    ],
    ['answers as /ping does', answering(withLength('{}\n')), 'wrong-shape'],
    [
      'sends elsewhere',
      answering(withLength('', 'HTTP/1.1 302 Found\r\nLocation: /capacity')),
      'http-status',
    ],
  ];
  for (const [title, serve, code] of cases) {
    it(`${title}: ${code}`, async () => {
      const answer = await listOf(serve);
      expect(codeOf(answer)).to.equal(code);
      expect(whyOf(answer)).to.contain(WHYS[code] ?? '');
    });
  }

  it("quotes Garden's reason for a 500, escaped and limited", async () => {
    const message = `connection error: \u001b[31mdial unix\ncontainerd.sock ${'x'.repeat(5000)}`;
    const body = JSON.stringify({ Type: '', Message: message, Handle: '' });
    const serve = answering(withLength(body, 'HTTP/1.1 500 Internal Server Error'));
    const answer = await listOf(serve);
    expect(codeOf(answer)).to.equal('http-status');
    expect(whyOf(answer)).to.include('500').and.include('dial unix\\ncontainerd.sock');
  });

  it('names the status of an answer that is not by Garden', async () => {
    const serve = answering(withLength('404 page not found\n', 'HTTP/1.1 404 Not Found'));
    expect(whyOf(await listOf(serve))).to.include('404');
  });

  it('does not read an endless error', async () => {
    const serve = http((_, response) => {
      response.writeHead(500);
      const pour = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(codeOf(await listOf(serve))).to.equal('http-status');
  });
});
