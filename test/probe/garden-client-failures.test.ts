import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../temporary-folder.ts';
import { codeOf, whyOf, listFrom, listOf, http } from './asking-garden.ts';
import { answering, withLength } from './socket-server.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

describe('The client of Garden gives a code and the reason where the socket', () => {
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

describe('The client of Garden, where a server does not answer as Garden does,', () => {
  const WRONG_SERVERS = [
    { title: 'closes without a word', answer: '', ends: true, code: 'reset' },
    {
      title: 'speaks something else than HTTP',
      answer: 'SSH-2.0-OpenSSH_9.6\r\n',
      ends: false,
      code: 'not-http',
    },
    {
      title: 'sends bytes without sense',
      answer: '\u0000\u0001\u0002\u00ff\u00fe\r\n',
      ends: false,
      code: 'not-http',
    },
    {
      title: 'sends an endless head',
      answer: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`,
      ends: false,
      code: 'not-http',
    },
    {
      title: 'sends a chunk of no length',
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      ends: false,
      code: 'not-http',
    },
    {
      title: 'sends half a body',
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"Handles":[',
      ends: true,
      code: 'cut-short',
    },
    {
      title: 'sends half a chunked body',
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"Han\r\n',
      ends: true,
      code: 'cut-short',
    },
    {
      title: 'sends nothing but a status',
      answer: 'HTTP/1.1 204 No Content\r\n\r\n',
      ends: false,
      code: 'http-status',
    },
    {
      title: 'sends elsewhere',
      answer: 'HTTP/1.1 302 Found\r\nLocation: /capacity\r\nContent-Length: 0\r\n\r\n',
      ends: false,
      code: 'http-status',
    },
    {
      title: 'sends a page',
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>',
      ends: false,
      code: 'not-json',
    },
    {
      title: 'sends an empty body',
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      ends: false,
      code: 'not-json',
    },
    {
      title: 'sends bytes that are not UTF-8',
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"Handles":["\u00ff"]',
      ends: false,
      code: 'not-json',
    },
    {
      title: 'answers as /ping does',
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n',
      ends: false,
      code: 'wrong-shape',
    },
  ];
  for (const { title, answer: text, ends, code } of WRONG_SERVERS) {
    it(`gives the code ${code} if it ${title}`, async () => {
      const bytes = Buffer.from(text, 'latin1');
      const answer = await listOf((socket) => {
        socket.on('data', () => (ends ? socket.end(bytes) : socket.write(bytes)));
      });
      expect(codeOf(answer)).to.equal(code);
      expect(whyOf(answer)).to.contain(WHYS[code] ?? '');
    });
  }

  it('gives the code reset if it closes at once', async () => {
    expect(codeOf(await listOf((socket) => socket.destroy()))).to.equal('reset');
  });

  it("quotes Garden's reason for a 500, escaped and limited", async () => {
    const message = `connection error: \u001b[31mdial unix\ncontainerd.sock ${'x'.repeat(5000)}`;
    const body = JSON.stringify({ Type: '', Message: message, Handle: '' });
    const serve = answering(withLength(body, 'HTTP/1.1 500 Internal Server Error'));
    const answer = await listOf(serve);
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
