import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import * as v from 'valibot';
import {
  certificateAdvice,
  closeClient,
  getJson,
  openClient,
  TOO_LARGE,
  type Answer,
} from '../../../src/cf-plugin/http/client.ts';
import { clientOf } from '../standin/foundation.ts';

const got = async (body: string, status: number): Promise<Answer<unknown>> => {
  const {
    client,
    foundation: { origin },
  } = await clientOf({ series: [], fault: () => ({ kind: 'answer', status, body }) });
  return getJson(client, new URL(origin), v.unknown(), null);
};

describe('a request of the plugin', () => {
  it('reads at most 4 MiB from any server', async () => {
    const body = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));
    expect(await got(body(4 * 1024 * 1024), 200)).to.include({ ok: true });
    expect(await got(body(4 * 1024 * 1024 + 1), 200)).to.deep.include({
      error: TOO_LARGE,
    });
  });

  it('keeps only the beginning of a response with an error', async () => {
    const answer = await got('y'.repeat(1_000_000), 500);
    if (answer.ok || answer.error.kind !== 'status') throw new Error('no status');
    expect(answer.error.status).to.equal(500);
    expect(answer.error.said.length).to.be.lessThan(20_000);
    // In one piece, of which the beginning is kept too: an empty 404 means something else.
    const page = await got('y'.repeat(20_000), 404);
    if (page.ok || page.error.kind !== 'status') throw new Error('no status');
    expect(page.error.said).to.equal('y'.repeat(16_384));
  });
});

describe('the proxy of the plugin', () => {
  /** A proxy that answers itself, and says who was asked for. */
  async function throughProxy(env: Record<string, string>, url: string): Promise<unknown> {
    const server = createServer((request, response) => response.end(JSON.stringify(request.url)));
    server.on('connect', (request, socket: Socket) => {
      socket.end(`HTTP/1.1 502 ${request.url ?? ''}\r\n\r\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const proxy = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace('PORT', String(port))]),
    );
    const lines: string[] = [];
    const trace = (line: string): unknown => lines.push(line);
    const client = openClient({ skipsVerification: true, env: proxy, trace });
    try {
      const answer = await getJson(client, new URL(url), v.string(), 'bearer secret');
      expect(lines.join()).to.match(/^GET http\S+ \S+ \d+ ms$/);
      expect(lines.join()).not.to.contain('secret');
      return answer.ok ? answer.value : answer.error;
    } finally {
      closeClient(client);
      server.close();
    }
  }

  it('is the one of https_proxy and http_proxy, but for NO_PROXY', async () => {
    const env = { http_proxy: 'http://127.0.0.1:PORT', https_proxy: 'http://127.0.0.1:PORT' };
    expect(await throughProxy(env, 'http://api.invalid/x')).to.equal('http://api.invalid/x');
    expect(await throughProxy(env, 'https://api.invalid/')).to.include({ kind: 'unreachable' });
    const none = { ...env, NO_PROXY: 'api.invalid' };
    expect(await throughProxy(none, 'http://api.invalid/x')).to.include({ code: 'ENOTFOUND' });
  });
});

const advice = (code: string): string =>
  certificateAdvice(new URL('https://api.example.com/v3'), code);

describe('the advice about a certificate', () => {
  it('fits the error: an authority does not help against a wrong time or name', () => {
    expect(advice('UNABLE_TO_VERIFY_LEAF_SIGNATURE')).to.match(/^Set SSL_CERT_FILE /);
    expect(advice('DEPTH_ZERO_SELF_SIGNED_CERT')).to.match(/^Set SSL_CERT_FILE /);
    expect(advice('CERT_HAS_EXPIRED')).to.match(
      /the clock of this machine, or renew the certificate/,
    );
    expect(advice('CERT_NOT_YET_VALID')).to.match(
      /the clock of this machine, or renew the certificate/,
    );
    expect(advice('ERR_TLS_CERT_ALTNAME_INVALID')).to.match(
      /^The certificate is for other names: /,
    );
    for (const code of ['CERT_HAS_EXPIRED', 'HOSTNAME_MISMATCH', 'SELF_SIGNED_CERT_IN_CHAIN'])
      expect(advice(code), code).to.match(
        /, or skip the check as cf does: cf api https:\/\/api\.example\.com --skip-ssl-validation\.$/,
      );
  });
});
