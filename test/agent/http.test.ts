import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { jsonResponse, serve, type Routes } from '../../src/agent/http.ts';
import { Connections } from '../../src/agent/connections.ts';
import { localHosts } from '../../src/agent/host-rule.ts';
import { SERVER_OPTIONS } from '../../src/agent/server-limits.ts';
import { waitFor } from '../wait-for.ts';
import { connected, sent } from './raw-client.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

const HOSTS = localHosts('[fd00::1]', 'agent');

const ROUTES: Routes = {
  '/': { GET: () => jsonResponse(200, { root: true }) },
  '/thing': { GET: () => jsonResponse(200, { ok: true }) },
  '/act': { POST: ({ body }) => jsonResponse(202, { body }) },
  '/end': { DELETE: ({ body }) => jsonResponse(200, { ended: true, body }) },
  '/broken': {
    GET: () => {
      throw new Error('oh');
    },
  },
  '/large': { GET: () => ({ status: 200, type: 'text/plain', body: 'x'.repeat(5_000_000) }) },
};

const GET_THING = 'GET /thing HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** No connection ends by itself in the time of a test. */
const NEVER = { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 };

/** They end soon. */
const SOON = { headersTimeout: 100, requestTimeout: 150, connectionsCheckingInterval: 20 };

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A server until the end of the test. */
async function served(
  options: http.ServerOptions = {},
  routes: Routes = ROUTES,
): Promise<{ place: Place; server: http.Server; close: () => Promise<void> }> {
  const server = http.createServer({ ...SERVER_OPTIONS, ...options });
  const close = serve(server, { routes, hosts: HOSTS });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEndOfTest(close);
  const { port } = server.address() as AddressInfo;
  return { place: { host: '127.0.0.1', port }, server, close };
}

const asking = (start: string, more = '', body = ''): string =>
  `${start} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n${body}`;
const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);
const statusOf = (answer: string): string => answer.slice(9, 12);

const ANSWERS = [
  { what: 'an unknown path', start: 'GET /nothing', status: 404 },
  { what: 'a path that goes up', start: 'GET /x/../thing', status: 404 },
  { what: 'a doubled slash', start: 'GET //thing', status: 404 },
  { what: 'the name of a property of every object', start: 'GET /__proto__', status: 404 },
  { what: 'an escaped path', start: 'GET /%74hing', status: 404 },
  { what: 'an absurd URL', start: `GET /${'%00/..'.repeat(1500)}`, status: 404 },
  { what: 'a star', start: 'OPTIONS *', status: 404 },
  { what: 'the absolute form', start: 'GET http://elsewhere/thing?x=1', status: 200 },
  { what: 'the absolute form without a path', start: 'GET http://elsewhere?x', status: 200 },
  { what: 'a query', start: 'GET /thing?a=b?c', status: 200 },
  { what: 'POST where GET is', start: 'POST /thing', status: 405, allow: 'GET, HEAD' },
  { what: 'DELETE', start: 'DELETE /thing', status: 405, allow: 'GET, HEAD' },
  { what: 'GET where POST is', start: 'GET /act', status: 405, allow: 'POST' },
  { what: 'HEAD where POST is', start: 'HEAD /act', status: 405, allow: 'POST' },
  { what: 'a view with a defect', start: 'GET /broken', status: 500 },
];

describe('what is served over HTTP', () => {
  it('is never kept or guessed at, and has its length', async () => {
    const { place } = await served();
    const answer = await sent(place, asking('GET /thing'));
    expect(answer).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    const kept = ['cache-control: no-store', 'x-content-type-options: nosniff'];
    for (const header of ['content-type: application/json', 'content-length: 12', ...kept])
      expect(answer).to.contain(`${header}\r\n`);
    expect(bodyOf(answer)).to.equal('{"ok":true}\n');
  });

  it('is sent to HEAD without its body', async () => {
    const { place } = await served();
    const answer = await sent(place, asking('HEAD /thing'));
    expect(statusOf(answer)).to.equal('200');
    expect(answer).to.contain('content-length: 12\r\n');
    expect(bodyOf(answer)).to.equal('');
  });

  for (const { what, start, status, allow = '' } of ANSWERS)
    it(`answers ${status} to ${what}`, async () => {
      const { place } = await served();
      const answer = await sent(place, asking(start));
      expect(statusOf(answer)).to.equal(String(status));
      expect(/\r\nallow: (.*)\r\n/.exec(answer)?.[1] ?? '').to.equal(allow);
      if (status !== 200 && !start.startsWith('HEAD')) {
        expect(JSON.parse(bodyOf(answer)))
          .to.have.property('error')
          .that.is.a('string');
        expect(bodyOf(answer).length).to.be.at.most(200);
      }
      // Also after a view with a defect.
      expect(statusOf(await sent(place, asking('GET /thing')))).to.equal('200');
    });

  it('accepts a body up to 4 kB, and reads no more into memory', async () => {
    const { place } = await served();
    const post = (length: number, body: string) =>
      sent(place, asking('POST /act', `Content-Length: ${length}\r\n`, body));
    expect(bodyOf(await post(4096, 'b'.repeat(4096)))).to.contain('bbbb');
    expect(statusOf(await post(4097, 'b'.repeat(4097)))).to.equal('413');
    expect(statusOf(await post(1e9, 'b'.repeat(8000)))).to.equal('413');
    const chunked = await sent(
      place,
      asking(
        'POST /act',
        'Transfer-Encoding: chunked\r\n',
        `1000\r\n${'c'.repeat(4096)}\r\n400\r\n`,
      ),
      'c'.repeat(1024),
    );
    expect(statusOf(chunked)).to.equal('413');
  });

  it('reads no body of a DELETE', async () => {
    const { place } = await served();
    const answer = await sent(place, asking('DELETE /end', 'Content-Length: 4\r\n', 'body'));
    expect(JSON.parse(bodyOf(answer))).to.deep.equal({ ended: true, body: '' });
  });

  it('does not wait for the body of a request that needs none', async () => {
    const { place } = await served();
    for (const start of ['GET /thing', 'POST /nothing', 'PUT /act']) {
      const head = `${start} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n`;
      expect(await sent(place, head)).to.match(/\r\nconnection: close\r\n/i);
    }
  });

  it('answers 431 to a head of 1 MB, even while the client is still sending it', async () => {
    const { place } = await served();
    const answer = await sent(
      place,
      'GET /thing HTTP/1.1\r\nHost: localhost\r\nX: ',
      'a'.repeat(1_000_000),
      '\r\n\r\n',
    );
    expect(answer).to.match(/^HTTP\/1\.1 431 /);
    expect(bodyOf(answer)).to.equal('{"error":"request header fields too large"}\n');
    expect(answer).to.contain('x-content-type-options: nosniff');
    expect(statusOf(await sent(place, asking(`GET /${'u'.repeat(1_000_000)}`)))).to.equal('431');
  });

  it('answers 400, once, to bytes that are not HTTP', async () => {
    const { place } = await served();
    for (const text of ['nonsense\r\n\r\n', '\u0016\u0003\u0001\u0002']) {
      const answer = await sent(place, text, 'more\r\n\r\n');
      expect(answer.match(/HTTP\/1\.1 400 /g)).to.have.length(1);
    }
  });

  it('does not answer a client that sends thousands of requests at once and leaves', async () => {
    let made = 0;
    const routes: Routes = {
      '/large': {
        GET: () => {
          made += 1;
          return { status: 200, type: 'text/plain', body: 'x'.repeat(100_000) };
        },
      },
    };
    const ask = async (place: Place): Promise<void> => {
      const { socket, closed } = await connected(place);
      socket.pause();
      socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(5000));
      await sleep(100);
      socket.destroy();
      await closed;
      await sleep(100);
    };
    await ask((await served({}, routes)).place);
    expect(made).to.be.at.most(1);
  });

  it('answers one request after the other on a connection, and closes it for two at once', async () => {
    const { place } = await served(NEVER);
    const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const { socket, closed } = await connected(place);
    for (const [path, key] of [
      ['/thing', 'ok'],
      ['/nothing', 'error'],
      ['/', 'root'],
    ] as const) {
      const answered = once(socket, 'data');
      socket.write(head(path));
      expect(String(await answered)).to.contain(`{"${key}":`);
    }
    socket.write(head('/large') + head('/thing'));
    await closed;
  });

  it('disconnects a client that sends its head slowly, with 408, and one that sends nothing', async () => {
    const { place } = await served(SOON);
    expect(await sent(place, 'GET /thing HTTP/1.1\r\nHost:')).to.match(/^HTTP\/1\.1 408 /);
    expect(await sent(place)).to.match(/^(HTTP\/1\.1 408 |$)/);
  });

  it('disconnects a client that sends its body slowly, and one that does not read its answer', async () => {
    const { place, server } = await served(SOON);
    const slow = asking('POST /act', 'Content-Length: 10\r\n', 'x');
    expect(await sent(place, slow)).to.match(/^HTTP\/1\.1 408 /);
    server.timeout = 100;
    const dropped = new Promise<void>((resolve) => {
      server.once('connection', (theirs) => theirs.once('close', () => resolve()));
    });
    const { socket, closed } = await connected(place);
    socket.pause();
    socket.write(asking('GET /large'));
    await dropped;
    socket.resume();
    await closed;
    expect(socket.bytesRead).to.be.below(5_000_000);
  });

  it('closes an idle keep-alive connection', async () => {
    const { place } = await served({ keepAliveTimeout: 50 });
    const answer = await sent(place, GET_THING);
    expect(statusOf(answer)).to.equal('200');
  });

  it('closes connections beyond its limit, and serves again when they are gone', async () => {
    const { place } = await served(NEVER);
    const all = await Promise.all(Array.from({ length: 500 }, () => connected(place)));
    const ended = (): number => all.filter(({ socket }) => socket.closed).length;
    await waitFor('an end of the others', () => ended() >= 500 - 64);
    expect(ended()).to.equal(500 - 64);
    for (const { socket } of all) socket.destroy();
    await Promise.all(all.map(({ closed }) => closed));
    let answer = '';
    await waitFor('an answer', async () => {
      answer = await sent(place, asking('GET /thing'));
      return answer !== '';
    });
    expect(statusOf(answer)).to.equal('200');
  });

  // 64 connections on which nothing came kept Prometheus out, for as long as they came back.
  it('closes the connection that was idle longest for a new one', async () => {
    const { place } = await served(NEVER);
    const all = [];
    for (let count = 0; count < 64; count++) all.push(await connected(place));
    const [used, idle, ...others] = all;
    const answered = once(used?.socket ?? new EventEmitter(), 'data');
    used?.socket.write(GET_THING);
    await answered;
    expect(statusOf(await sent(place, asking('GET /thing')))).to.equal('200');
    await idle?.closed;
    for (const { socket } of [used, ...others].flatMap((one) => one ?? []))
      expect(socket.closed).to.equal(false);
  });

  it('keeps count of a client that is back from the same port before its old connection is closed', () => {
    const peer = { remoteAddress: { value: '192.0.2.1' }, remotePort: { value: 40_000 } };
    const [old, back] = [new Socket(), new Socket()];
    for (const socket of [old, back]) Object.defineProperties(socket, peer);
    const connections = new Connections();
    connections.opened(old);
    connections.opened(back);
    old.emit('close');
    connections.closeAll();
    expect([old.destroyed, back.destroyed]).to.deep.equal([false, true]);
  });

  it('closes with every connection: idle, keep-alive, slow, and not reading', async () => {
    const { place, close } = await served(NEVER);
    const open = await Promise.all([0, 1, 2, 3].map(() => connected(place)));
    const [, kept, slow, lazy] = open;
    kept?.socket.write(GET_THING);
    slow?.socket.write('POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx');
    lazy?.socket.pause();
    lazy?.socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await sleep(100);
    await close();
    for (const { socket } of open) socket.resume();
    await Promise.all(open.map(({ closed }) => closed));
  });
});

const LOCAL = [
  '',
  '127.0.0.1',
  '127.0.0.1:9477',
  'localhost',
  'LocalHost:80',
  '[::1]',
  '[::1]:1',
  '[FD00::1]:9477',
  'agent',
  'agent:',
];
const FOREIGN = [
  'evil.example',
  'evil.example:9477',
  'localhost.evil.example',
  'localhost:80.evil.example',
  '127.0.0.1.evil.example',
  'localhost@evil.example',
  'localhost, evil.example',
  '::1',
  '[::1',
  '127.0.0.2',
  'rollcall',
  '\u00e9',
];

// The page of any site can let its name lead to 127.0.0.1 and read our answers as its own (DNS
// rebinding): all of /metrics, or the report through a forwarded status socket.
describe('the Host of a request', () => {
  const statusFor = async (head: string): Promise<string> => {
    const { place } = await served();
    const answer = await sent(place, `GET /thing HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
    if (statusOf(answer) === '421') {
      expect(JSON.parse(bodyOf(answer))).to.deep.equal({
        error:
          'this server is called 127.0.0.1, localhost, [::1], [fd00::1], agent: ' +
          'use one of these names',
      });
    }
    return statusOf(answer);
  };

  it('may be missing, empty, or any name of this machine, whatever its case and port', async () => {
    for (const host of LOCAL) expect(await statusFor(`Host: ${host}\r\n`), host).to.equal('200');
    expect(await statusFor('')).to.equal('200');
  });

  for (const host of FOREIGN)
    it(`must not be ${host}`, async () => {
      expect(await statusFor(`Host: ${host}\r\n`)).to.equal('421');
    });

  it('must not be given twice with different values', async () => {
    expect(await statusFor('Host: localhost\r\nHost: evil.example\r\n')).to.equal('421');
  });

  it('is checked first, so that no other site starts a drill', async () => {
    const { place } = await served();
    const body = 'POST /act HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}';
    expect(statusOf(await sent(place, body))).to.equal('421');
  });
});
