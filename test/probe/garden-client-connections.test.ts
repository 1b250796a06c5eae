import type { Socket } from 'node:net';
import { expect } from 'chai';
import { gardenClient } from '../../src/probe/garden-client.ts';
import { LIST, AMPLE, codeOf, listFrom } from './asking-garden.ts';
import { onSocket, withLength } from './socket-server.ts';

describe('gardenClient: idle connections', () => {
  /** Answers the first request of a connection and closes at the second, as a server does that just closed an idle one. */
  const closingAtReuse = (count: { connections: number; requests: number }) => (socket: Socket) => {
    count.connections += 1;
    let answered = false;
    socket.on('data', () => {
      count.requests += 1;
      if (answered) return socket.destroy();
      answered = true;
      return socket.write(withLength(LIST));
    });
  };

  it('that Garden closes during reuse cost a second attempt, not the answer', async () => {
    const count = { connections: 0, requests: 0 };
    await onSocket(closingAtReuse(count), async (socketPath) => {
      const client = gardenClient({ socketPath, timeoutMilliseconds: AMPLE });
      expect(codeOf(await client.list())).to.equal('answered');
      expect(codeOf(await client.list())).to.equal('answered');
      client.close();
    });
    expect(count).to.deep.equal({ connections: 2, requests: 3 });
  });

  it('get only one second attempt', async () => {
    let connections = 0;
    const serve = (socket: Socket): void => {
      connections += 1;
      const first = connections === 1;
      let answered = false;
      socket.on('data', () => {
        if (!first || answered) return socket.destroy();
        answered = true;
        return socket.write(withLength(LIST));
      });
    };
    await onSocket(serve, async (socketPath) => {
      const client = gardenClient({ socketPath, timeoutMilliseconds: AMPLE });
      expect(codeOf(await client.list())).to.equal('answered');
      expect(codeOf(await client.list())).to.equal('reset');
      client.close();
    });
    expect(connections).to.equal(2);
  });

  it('that end in the middle of an answer are not retried', async () => {
    let requests = 0;
    const serve = (socket: Socket): void => {
      let answered = false;
      socket.on('data', () => {
        requests += 1;
        if (answered) return socket.end(withLength(LIST).slice(0, -5));
        answered = true;
        return socket.write(withLength(LIST));
      });
    };
    await onSocket(serve, async (socketPath) => {
      const client = gardenClient({ socketPath, timeoutMilliseconds: AMPLE });
      expect(codeOf(await client.list())).to.equal('answered');
      expect(codeOf(await client.list())).to.equal('cut-short');
      client.close();
    });
    expect(requests).to.equal(2);
  });

  it('a new connection that is reset is not retried', async () => {
    let requests = 0;
    const serve = (socket: Socket): void => {
      socket.on('data', () => {
        requests += 1;
        socket.destroy();
      });
    };
    await onSocket(serve, async (socketPath) => {
      expect(codeOf(await listFrom(socketPath))).to.equal('reset');
    });
    expect(requests).to.equal(1);
  });

  it('are closed by close(), and requests in flight end as reset', async () => {
    await onSocket(
      () => undefined,
      async (socketPath) => {
        const client = gardenClient({ socketPath, timeoutMilliseconds: AMPLE });
        const answer = client.list();
        setTimeout(() => client.close(), 50);
        expect(codeOf(await answer)).to.equal('reset');
      },
    );
  });
});
