import type { Socket } from 'node:net';
import { mock } from 'node:test';
import { expect } from 'chai';
import { atEndOfTest } from '../at-end-of-test.ts';
import { asHandle } from '../../src/model/ids.ts';
import { LIST, AMPLE, SHORT, clientOf, codeOf, whyOf, listOf, http } from './asking-garden.ts';
import { answering, withLength } from './socket-server.ts';

/** The client's timers stand still for the test, until this lets their time run out. */
function stopClock(): () => void {
  mock.timers.enable({ apis: ['setTimeout'] });
  atEndOfTest(() => mock.timers.reset());
  return () => mock.timers.tick(AMPLE);
}

describe('A body that is too large for the client of Garden', () => {
  const FIFTY = 50 * 1024 * 1024;
  const PIECE = 'x'.repeat(65_536);

  /** Pours fifty megabytes as fast as they are taken, and counts what left its hands. */
  const pouring = (count: (bytes: number) => void) =>
    http((_, response) => {
      response.writeHead(200);
      let left = FIFTY;
      const pour = (): void => {
        let more = true;
        while (left > 0 && more) {
          more = response.write(PIECE);
          left -= PIECE.length;
          count(PIECE.length);
        }
        if (left <= 0) response.end();
      };
      response.on('drain', pour);
      pour();
    });

  it('is cut near its limit: less than a tenth of 50 MB is read from the server', async () => {
    let sent = 0;
    const serve = pouring((bytes) => {
      sent += bytes;
    });
    expect(codeOf(await listOf(serve, { maxBodyBytes: 1024 * 1024 }))).to.equal('too-large');
    expect(sent).to.be.lessThan(FIFTY / 10);
  });

  it('is not awaited if its head announces it', async () => {
    const serve = answering(`HTTP/1.1 200 OK\r\nContent-Length: ${FIFTY}\r\n\r\n`);
    expect(codeOf(await listOf(serve, { maxBodyBytes: 1024 * 1024 }))).to.equal('too-large');
  });

  it('is refused for its shape when it stays below the bound', async () => {
    const serve = answering(withLength(`{"Handles":["${'x'.repeat(1024 * 1024)}"]}`));
    expect(codeOf(await listOf(serve))).to.equal('wrong-shape');
  });
});

describe('Large properties that Garden answers', () => {
  /** The codes of the answers about containers, each with a value of so many characters. */
  async function codesOf(lengths: readonly number[]): Promise<readonly string[]> {
    const serve = http(({ url }, response) => {
      const index = Number(/\d+/.exec(url ?? '')?.[0]);
      response.end(`{"executor:owner":"e","a":"${'x'.repeat(lengths[index] ?? 0)}"}`);
    });
    const client = await clientOf(serve);
    const handles = lengths.map((_, index) => asHandle(`h${index}`));
    const answers = await client.properties(handles);
    return handles.map((handle) => codeOf(answers.get(handle)));
  }

  it('are read, and refused only for the one container that exceeds a limit', async () => {
    const codes = await codesOf([1024 * 1024, 3 * 1024 * 1024, 10]);
    expect(codes).to.deep.equal(['answered', 'too-large', 'answered']);
  });

  it('of many containers take nothing from the others', async () => {
    const codes = await codesOf([...Array.from({ length: 40 }, () => 1024 * 1024), 10, 250 * 1024]);
    expect(codes.slice(40)).to.deep.equal(['answered', 'answered']);
    expect(codes.slice(0, 40).filter((code) => code === 'answered').length).to.be.within(7, 15);
  });
});

describe('The time limit of a request to Garden', () => {
  const dripping = (first: string) => (socket: Socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(' '), 10);
    socket.on('close', () => clearInterval(timer));
  };
  for (const [what, serve] of [
    ['a server that accepts and says nothing, as a starting gdn does', () => undefined],
    [
      'a body that comes a byte at a time',
      dripping('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'),
    ],
    ['a head that comes a byte at a time', dripping('HTTP/1.1 200 OK\r\nX-Slow: ')],
  ] as const)
    it(`ends for ${what}`, async () => {
      const answer = await listOf(serve, { timeoutMilliseconds: SHORT });
      expect(codeOf(answer)).to.equal('timeout');
      expect(whyOf(answer)).to.include('0.15 s');
    });

  it('applies to a batch of properties as a whole: 250 hanging requests are not 250 timeouts', async () => {
    let connections = 0;
    const hang = (): void => {
      connections += 1;
    };
    const handles = Array.from({ length: 250 }, (_, i) => asHandle(`h${i}`));
    const client = await clientOf(hang, { timeoutMilliseconds: SHORT });
    const answers = await client.properties(handles);
    expect(answers.size).to.equal(250);
    expect(new Set([...answers.values()].map(codeOf))).to.deep.equal(new Set(['timeout']));
    // Those behind the first eight were given up without a connection.
    expect(connections).to.be.at.most(8);
  });

  it('that runs out on hanging requests leaves the other answers', async () => {
    const runOut = stopClock();
    const serve = http((request, response) => {
      if (request.url === '/containers/last/properties') runOut();
      else if (request.url?.startsWith('/containers/stuck') !== true) response.end('null');
    });
    // Eight are asked at once: the last when all others but the stuck ones have their answers.
    const stuck = Array.from({ length: 7 }, (_, n) => `stuck${n}`);
    const handles = ['a', ...stuck, 'b', 'c', 'last'].map(asHandle);
    const client = await clientOf(serve);
    const answers = await client.properties(handles);
    const answered = handles.filter((handle) => codeOf(answers.get(handle)) === 'answered');
    expect(answered).to.deep.equal(['a', 'b', 'c']);
    expect(new Set([...answers.values()].map(codeOf))).to.have.keys('answered', 'timeout');
  });

  it('spent on one request does not shorten the next', async () => {
    const runOut = stopClock();
    let connections = 0;
    const serve = (socket: Socket): void => {
      connections += 1;
      if (connections === 1) runOut();
      else answering(withLength(LIST))(socket);
    };
    const client = await clientOf(serve);
    expect(codeOf(await client.list())).to.equal('timeout');
    expect(codeOf(await client.list())).to.equal('answered');
  });
});
