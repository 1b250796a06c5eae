import type { Socket } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import { asHandle } from '../../src/model/ids.ts';
import { askedBy } from '../../tools/demo-cell/garden/requests.ts';
import { gardenClient, handleSegment } from '../../src/probe/garden-client.ts';
import { LIST, AMPLE, clientOf, codeOf, http, listOf } from './asking-garden.ts';
import { withLength } from './socket-server.ts';

describe('The client of Garden', () => {
  it('asks for all containers, and for the created ones, over one connection', async () => {
    const targets: string[] = [];
    let connections = 0;
    const serve = http((request, response) => {
      targets.push(`${request.method} ${request.url}`);
      response.end(LIST);
    });
    const counted = (socket: Socket): void => {
      connections += 1;
      serve(socket);
    };
    const client = await clientOf(counted);
    expect(await client.list()).to.deep.equal({ kind: 'answered', value: ['a', 'b'] });
    expect(await client.listCreated()).to.deep.equal({ kind: 'answered', value: ['a', 'b'] });
    expect(targets).to.deep.equal([
      'GET /containers?garden.state=all',
      'GET /containers?garden.state=created',
    ]);
    expect(connections).to.equal(1);
  });

  it('gives the same value while Garden gives the same list', async () => {
    const lists = ['{"Handles":["a"]}', '{"Handles":["a"]}', '{"Handles":["a","b"]}'];
    const serve = http((_request, response) => {
      response.end(lists.shift());
    });
    const client = await clientOf(serve);
    const first = await client.list();
    expect(await client.list()).to.equal(first);
    expect(await client.list()).to.deep.equal({ kind: 'answered', value: ['a', 'b'] });
  });

  it('asks for the properties of each handle once, with bounded concurrency', async () => {
    const handles = Array.from({ length: 50 }, (_, i) => asHandle(`h${i}`));
    let under = 0;
    let most = 0;
    const serve = http((request, response) => {
      under += 1;
      most = Math.max(most, under);
      setImmediate(() => {
        under -= 1;
        response.end(`{"asked":"${request.url}"}`);
      });
    });
    const client = await clientOf(serve);
    const answers = await client.properties([...handles, asHandle('h0')]);
    expect([...answers.keys()]).to.deep.equal(handles);
    for (const [handle, answer] of answers) {
      const value = { asked: `/containers/${handle}/properties` };
      expect(answer).to.deep.equal({ kind: 'answered', value });
    }
    expect(most).to.be.within(1, 8);
  });

  it('gives no answers when asked for none', async () => {
    const client = gardenClient({ socketPath: '/nowhere', timeoutMilliseconds: AMPLE });
    expect((await client.properties([])).size).to.equal(0);
  });
});

describe('Handles that look like something else', () => {
  const NOT_ASKABLE = ['', '.', '..', '\ufffd', 'a\ufffdb', '\ud800'];
  const ASKABLE = [
    '../../ping',
    'a/processes',
    'x/info?y=',
    'x?garden.state=all',
    'x#y',
    '%2e%2e',
    '..%2f',
    'a b+c',
    'bulk_info',
    'ü\u202e\n\r\nGET /capacity HTTP/1.1\r\n',
    '\0',
    'x'.repeat(1024),
  ];

  it('reach the server as one segment, and no other route is asked', async () => {
    const targets: string[] = [];
    const serve = http((request, response) => {
      targets.push(request.url ?? '');
      response.end('{}');
    });
    const client = await clientOf(serve);
    const handles = [...ASKABLE, ...NOT_ASKABLE].map(asHandle);
    const answers = await client.properties(handles);
    for (const handle of ASKABLE) {
      expect(codeOf(answers.get(asHandle(handle))), handle).to.equal('answered');
    }
    for (const handle of NOT_ASKABLE) {
      expect(codeOf(answers.get(asHandle(handle))), handle).to.equal('not-askable');
    }
    expect(targets).to.have.length(ASKABLE.length);
    for (const target of targets) expect(target).to.match(/^\/containers\/[^/?#]+\/properties$/);
    const asked = targets.map((target) => decodeURIComponent(target.split('/')[2] ?? ''));
    expect(asked).to.have.members(ASKABLE);
  });

  it("are themselves to gdn's router, whatever they are", () => {
    const odd = fc.string({
      unit: fc.constantFrom('.', '/', '%', '2', 'f', '?', '#', '+', ':', ';'),
    });
    fc.assert(
      fc.property(fc.oneof(odd, anyText()), (text) => {
        const segment = handleSegment(asHandle(text));
        fc.pre(segment !== null);
        const asked = askedBy('GET', `/containers/${segment}/properties`);
        expect(asked).to.include({ name: 'properties', handle: text });
      }),
    );
  });
});

/** What a server does with a request: the n-th of a connection, which is the m-th. */
type Doing = (socket: Socket, request: number, connection: number) => unknown;

/** A server that counts its connections and their requests. */
function counting(doing: Doing) {
  const count = { connections: 0, requests: 0 };
  const serve = (socket: Socket): void => {
    count.connections += 1;
    const connection = count.connections;
    let request = 0;
    socket.on('data', () => {
      count.requests += 1;
      request += 1;
      doing(socket, request, connection);
    });
  };
  return { count, serve };
}

describe('Idle connections to Garden', () => {
  const answer = (socket: Socket) => socket.write(withLength(LIST));
  const close = (socket: Socket) => socket.destroy();
  const halve = (socket: Socket) => socket.end(withLength(LIST).slice(0, -5));
  const first =
    (others: (socket: Socket) => unknown, ofEach = true): Doing =>
    (socket, request, connection) =>
      request === 1 && (ofEach || connection === 1) ? answer(socket) : others(socket);
  /** What the client makes of two lists that it asks for, from a server that does this. */
  const twoLists = async (doing: Doing) => {
    const { count, serve } = counting(doing);
    const client = await clientOf(serve);
    const answers = [codeOf(await client.list()), codeOf(await client.list())];
    return { answers, ...count };
  };

  it('that close during reuse cost an attempt, but no answer', async () => {
    expect(await twoLists(first(close))).to.deep.equal({
      answers: ['answered', 'answered'],
      connections: 2,
      requests: 3,
    });
  });

  it('get only one second attempt', async () => {
    expect(await twoLists(first(close, false))).to.deep.equal({
      answers: ['answered', 'reset'],
      connections: 2,
      requests: 3,
    });
  });

  it('that end in the middle are not retried', async () => {
    expect(await twoLists(first(halve))).to.deep.equal({
      answers: ['answered', 'cut-short'],
      connections: 1,
      requests: 2,
    });
  });

  it('are the only ones that are tried again: a new one that is reset is not', async () => {
    const { count, serve } = counting((socket) => socket.destroy());
    expect(codeOf(await listOf(serve))).to.equal('reset');
    expect(count.requests).to.equal(1);
  });

  it('are opened no more after close(): a request ends as reset at once', async () => {
    const client = await clientOf(() => undefined);
    client.close();
    expect(codeOf(await client.list())).to.equal('reset');
  });

  it('are closed by close(), and requests in flight end as reset', async () => {
    const client = await clientOf(() => undefined);
    const list = client.list();
    setTimeout(() => client.close(), 50);
    expect(codeOf(await list)).to.equal('reset');
  });
});
