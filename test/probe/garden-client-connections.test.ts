import type { Socket } from 'node:net';
import { expect } from 'chai';
import { LIST, clientOf, codeOf, listOf } from './asking-garden.ts';
import { withLength } from './socket-server.ts';

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

const answer = (socket: Socket) => socket.write(withLength(LIST));

describe('gardenClient: idle connections', () => {
  const cases: readonly [title: string, Doing, codes: string, connections: number, number][] = [
    [
      'that Garden closes during reuse cost a second attempt, not the answer',
      (socket, request) => (request === 1 ? answer(socket) : socket.destroy()),
      'answered answered',
      2,
      3,
    ],
    [
      'get only one second attempt',
      (socket, request, connection) =>
        request === 1 && connection === 1 ? answer(socket) : socket.destroy(),
      'answered reset',
      2,
      3,
    ],
    [
      'that end in the middle of an answer are not retried',
      (socket, request) =>
        request === 1 ? answer(socket) : socket.end(withLength(LIST).slice(0, -5)),
      'answered cut-short',
      1,
      2,
    ],
  ];
  for (const [title, doing, codes, connections, requests] of cases)
    it(title, async () => {
      const { count, serve } = counting(doing);
      const client = await clientOf(serve);
      const lists = [codeOf(await client.list()), codeOf(await client.list())];
      expect(lists.join(' ')).to.equal(codes);
      expect(count).to.deep.equal({ connections, requests });
    });

  it('a new connection that is reset is not retried', async () => {
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
