import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import * as v from 'valibot';
import { certificateAdvice, type Answer } from '../../../src/cf-plugin/http/request-error.ts';
import { closeWeb, getJson, openWeb } from '../../../src/cf-plugin/http/web.ts';
import { startStandIn } from '../standin/foundation.ts';

async function got(body: string, status: number, maxBodyBytes?: number): Promise<Answer<unknown>> {
  const fault = () => ({ kind: 'answer', status, body }) as const;
  const standIn = await startStandIn({ series: [], fault });
  const web = openWeb({
    skipsVerification: false,
    authorities: null,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  });
  try {
    return await getJson(web, new URL(standIn.origin), v.unknown(), null);
  } finally {
    closeWeb(web);
    await standIn.close();
  }
}

describe('a request of the plugin', () => {
  it('reads no more than it wants', async () => {
    const body = JSON.stringify('x'.repeat(100_000));
    expect(await got(body, 200, 1_000_000)).to.include({ ok: true });
    expect(await got(body, 200, 50_000)).to.deep.equal({
      ok: false,
      error: { kind: 'too-large' },
    });
  });

  it('reads no more than 16 MiB, whoever answers', async () => {
    const body = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));
    expect(await got(body(16 * 1024 * 1024), 200)).to.include({ ok: true });
    expect(await got(body(16 * 1024 * 1024 + 1), 200)).to.deep.include({
      error: { kind: 'too-large' },
    });
  });

  it('keeps the beginning only of what is no answer', async () => {
    const answer = await got('y'.repeat(1_000_000), 500, 50_000_000);
    if (answer.ok || answer.error.kind !== 'status') throw new Error('no status');
    expect(answer.error.status).to.equal(500);
    expect(answer.error.said.length).to.be.lessThan(20_000);
    // In one piece, of which the beginning is kept too: an empty 404 means something else.
    const page = await got('y'.repeat(20_000), 404);
    if (page.ok || page.error.kind !== 'status') throw new Error('no status');
    expect(page.error.said).to.equal('y'.repeat(16_384));
  });
});

/** A server that closes a kept connection as the next request comes on it, as one does whose time for idle ones is over. */
const closesKept = async (): Promise<Server> => {
  const server = createServer((request, response) => {
    const { socket } = request;
    if (socket.bytesWritten > 0) socket.resetAndDestroy();
    else response.end('1');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

describe('a kept connection of the plugin', () => {
  it('that the server closes meanwhile, as between two rounds of --watch, is no server out of reach', async () => {
    const server = await closesKept();
    const { port } = server.address() as AddressInfo;
    const web = openWeb({ skipsVerification: false, authorities: null });
    try {
      for (let round = 0; round < 3; round += 1) {
        const answer = await getJson(web, new URL(`http://127.0.0.1:${port}/`), v.number(), null);
        expect(answer).to.deep.equal({ ok: true, value: 1 });
      }
    } finally {
      closeWeb(web);
      server.close();
    }
  });
});

describe('the connections of the plugin, once closed', () => {
  it('do not ask again what was under way, as when Ctrl-C ends the second round of --watch', async () => {
    let requests = 0;
    const secondHangs = Promise.withResolvers<undefined>();
    const server = createServer((_, response) => {
      requests += 1;
      if (requests === 6) secondHangs.resolve(undefined);
      // The first round answers, the second hangs.
      if (requests <= 3) response.end('1');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const web = openWeb({ skipsVerification: false, authorities: null });
    const round = () =>
      Promise.all(
        [1, 2, 3].map(() => getJson(web, new URL(`http://127.0.0.1:${port}/`), v.number(), null)),
      );
    try {
      for (const answer of await round()) expect(answer).to.deep.equal({ ok: true, value: 1 });
      const second = round();
      await secondHangs.promise;
      closeWeb(web);
      // Without a timer: what is sent again hangs for twelve seconds, and then it is a timeout.
      for (const answer of await second) {
        expect(answer).to.deep.equal({
          ok: false,
          error: { kind: 'unreachable', code: 'ECONNRESET' },
        });
      }
      for (const answer of await round()) expect(answer).to.deep.include({ ok: false });
      expect(requests).to.equal(6);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

const advice = (code: string): string =>
  certificateAdvice(new URL('https://api.example.com/v3'), {
    kind: 'certificate',
    code,
    fileError: null,
  });

describe('the advice about a certificate', () => {
  it('fits the error: an authority does not help against a wrong time or name', () => {
    expect(advice('UNABLE_TO_VERIFY_LEAF_SIGNATURE')).to.match(/^Give its authority in /);
    expect(advice('DEPTH_ZERO_SELF_SIGNED_CERT')).to.match(/^Give its authority in /);
    expect(advice('CERT_HAS_EXPIRED')).to.match(/the clock of this machine .* renewed/);
    expect(advice('CERT_NOT_YET_VALID')).to.match(/the clock of this machine .* renewed/);
    expect(advice('ERR_TLS_CERT_ALTNAME_INVALID')).to.match(/^It is for other names: /);
    for (const code of ['CERT_HAS_EXPIRED', 'HOSTNAME_MISMATCH', 'SELF_SIGNED_CERT_IN_CHAIN'])
      expect(advice(code), code).to.match(
        /, or skip the check as cf does: cf api https:\/\/api\.example\.com --skip-ssl-validation\.$/,
      );
  });
});
