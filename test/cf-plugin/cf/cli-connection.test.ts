import { Socket } from 'node:net';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { gobMessage, int, uint } from '../../../src/cf-plugin/cf/gob.ts';
import { connectToCli } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { codeOf, failureOf } from '../../failure-of.ts';
import { booleanMessage, connectionTo, EMPTY_BODY } from './stand-in-cf.ts';

describe('a call to cf', () => {
  // Also where a test did not end: the next ones need their timers.
  afterEach(() => mock.timers.reset());

  it('is sent in one write, because two took 40 ms', async () => {
    // Whether the kernel sends two writes as one segment is a matter of chance, so that writes are
    // counted.
    const writes = new Map<Socket, number>();
    const write: Socket['write'] = Reflect.get(Socket.prototype, 'write');
    const counting = new Proxy(write, {
      apply: (target, socket: Socket, args) => {
        writes.set(socket, (writes.get(socket) ?? 0) + 1);
        return Boolean(Reflect.apply(target, socket, args));
      },
    });
    Reflect.set(Socket.prototype, 'write', counting);
    try {
      const cf = await connectionTo((sequence, { reply }) =>
        reply({ sequence, error: '' }, booleanMessage(true)),
      );
      for (let call = 0; call < 3; call++) await cf.isLoggedIn();
    } finally {
      Reflect.set(Socket.prototype, 'write', write);
    }
    // Here and at the other end.
    expect([...writes.values()]).to.deep.equal([3, 3]);
  });

  it('drops the body that follows an error', async () => {
    const cf = await connectionTo((sequence, { reply }) => {
      if (sequence === 0) reply({ sequence, error: 'no' }, EMPTY_BODY);
      else reply({ sequence, error: '' }, 'admin');
    });
    expect(await failureOf(cf.accessToken())).to.deep.equal([
      'CF_REFUSED',
      'cf refused AccessToken (no): run the command again, with CF_TRACE=true if that repeats',
    ]);
    expect(await cf.apiEndpoint()).to.equal('admin');
  });

  it('reports an error of cf on one short line, whatever it contains', async () => {
    const error = `\u001B[31m<html>\n${'x'.repeat(10_000)}`;
    const cf = await connectionTo((sequence, { reply }) => reply({ sequence, error }, EMPTY_BODY));
    const [, message] = await failureOf(cf.accessToken());
    expect(message)
      .to.match(/^cf refused AccessToken \(\\u\{1b\}\[31m<html>\\nx+…\): run the command again, /)
      .and.to.have.length.below(600);
  });

  it('fails where the answer is of another type', async () => {
    const cf = await connectionTo((sequence, { reply }) =>
      reply({ sequence, error: '' }, gobMessage(int(2), uint(0), int(1))),
    );
    expect(await failureOf(cf.accessToken())).to.deep.equal([
      'CF_ANSWER',
      'cf answered AccessToken with a value of another type: run the command again, ' +
        'with CF_TRACE=true if that repeats',
    ]);
  });

  it('fails if cf answers a call that was never made, and so do all others', async () => {
    const cf = await connectionTo((sequence, { reply }) =>
      reply({ sequence: sequence + 7, error: '' }, ''),
    );
    expect(await codeOf(cf.accessToken())).to.equal('CF_ANSWER');
    expect(await codeOf(cf.apiEndpoint())).to.equal('CF_CLOSED');
  });

  it('fails where cf sends something else, such as a web page', async () => {
    const page = 'HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(5);
    const cf = await connectionTo((_, { socket }) => socket.write(page));
    expect(await codeOf(cf.accessToken())).to.equal('CF_ANSWER');
  });

  for (const end of ['end', 'resetAndDestroy'] as const)
    it(`fails where cf ends the connection (${end}), and says what to do`, async () => {
      const cf = await connectionTo((_, { socket }) => socket[end]());
      const [code, message] = await failureOf(cf.accessToken());
      expect(code).to.equal('CF_CLOSED');
      expect(message).to.include('run the command again');
    });

  it('gives up after 30 seconds, for which cf may wait for a new token, and closes the connection', async () => {
    const asked = Promise.withResolvers<void>();
    mock.timers.enable({ apis: ['setTimeout'] });
    const cf = await connectionTo(() => asked.resolve(), {});
    let failure: readonly unknown[] = [];
    const failing = failureOf(cf.accessToken()).then((one) => (failure = one));
    await asked.promise;
    mock.timers.tick(29_999);
    await setImmediate();
    expect(failure).to.deep.equal([]);
    mock.timers.tick(1);
    const said = /^CF_TIMEOUT cf did not answer AccessToken within 30 s: /;
    expect((await failing).join(' ')).to.match(said);
    expect(await codeOf(cf.apiEndpoint())).to.equal('CF_CLOSED');
  });

  it('fails after the connection was closed here', async () => {
    const cf = await connectionTo(() => undefined);
    const underWay = codeOf(cf.accessToken());
    cf.close();
    expect(await underWay).to.equal('CF_CLOSED');
    expect(await codeOf(cf.apiEndpoint())).to.equal('CF_CLOSED');
  });
});

describe('the connection to cf', () => {
  it('fails where nothing listens', async () => {
    // Another process may have got a port that was free a moment ago. The kernel gives this one to
    // nobody who asks for any port.
    const port = 1;
    expect(await failureOf(connectToCli(port))).to.deep.equal([
      'CF_UNREACHABLE',
      `cannot connect to cf on port ${port} of this machine ` +
        `(connect ECONNREFUSED 127.0.0.1:${port}): ` +
        'this plugin is started by cf, as in `cf rollcall-status`',
    ]);
  });

  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    it(`fails for the port ${port}`, async () =>
      expect(await codeOf(connectToCli(port))).to.equal('CF_UNREACHABLE'));
});
