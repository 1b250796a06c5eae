import fs from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { Health } from '../../src/agent/retried-server.ts';
import {
  keepServingMetrics,
  serveMetrics,
  type MetricsOptions,
} from '../../src/agent/metrics-server.ts';
import { serveLocally } from '../local-server.ts';
import { metricsText } from '../../src/present/metrics.ts';
import { STATES } from '../present/agent-state-builder.ts';
import { failureOf } from '../failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { makeCertificates, type MadeCertificates } from './made-certificates.ts';
import { waitFor } from '../wait-for.ts';
import { connected, sent } from './raw-client.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

const untracked = STATES.untracked();
const OPTIONS: MetricsOptions = {
  address: '127.0.0.1',
  port: 0,
  tls: null,
  state: () => untracked,
  health: () => null,
  onRenewal: () => undefined,
  onScrape: () => undefined,
};

/** The port of a server until the end of the test. */
async function served(change: Partial<MetricsOptions> = {}): Promise<number> {
  const server = await serveMetrics({ ...OPTIONS, ...change });
  atEndOfTest(() => server.close());
  return server.port;
}

const failing = (change: Partial<MetricsOptions>) => failureOf(served(change));

const get = (port: number, path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`);

describe('the metrics port', () => {
  it('answers Prometheus in its text format', async () => {
    const port = await served({});
    const response = await get(port, '/metrics');
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal(
      'text/plain; version=0.0.4; charset=utf-8',
    );
    expect(await response.text()).to.equal(metricsText(untracked));
  });

  it('says whether passes still complete, whatever they found', async () => {
    let health: Health = null;
    const port = await served({ health: () => health });
    const healthy = await get(port, '/healthz');
    expect(healthy.status).to.equal(200);
    expect(await healthy.json()).to.deep.equal({ status: 'ok' });
    health = { status: 'stuck', error: 'no pass has ended' };
    const stuck = await get(port, '/healthz');
    expect(stuck.status).to.equal(503);
    expect(await stuck.json()).to.include({ status: 'stuck' });
  });

  it('has nothing else: no report, no drill, no page', async () => {
    const port = await served({});
    for (const path of ['/', '/v1/report', '/v1/events', '/v1/drill']) {
      expect((await get(port, path)).status).to.equal(404);
    }
  });

  it('says which key to change when the port is in use, or the address not one of the cell', async () => {
    const port = await served({});
    const inUse = await failing({ port });
    expect(inUse[0]).to.equal('METRICS_PORT');
    expect(inUse[1]).to.contain(`port ${port} of 127.0.0.1 is in use`).and.contain('metrics.port');
    const [code, message] = await failing({ address: '192.0.2.1' });
    expect(code).to.equal('METRICS_PORT');
    expect(message).to.contain('metrics.address');
  });

  it('accepts the names of this machine and its own address, and no other host', async () => {
    const port = await served({ address: '127.0.0.2' });
    const statusFor = async (host: string): Promise<string> => {
      const head = `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      return (await sent({ host: '127.0.0.2', port }, head)).slice(9, 12);
    };
    for (const host of ['localhost', '127.0.0.1', '[::1]', '127.0.0.2'])
      expect(await statusFor(`${host}:${port}`), host).to.equal('200');
    for (const host of ['evil.example', 'agent', 'rollcall', '127.0.0.3'])
      expect(await statusFor(`${host}:${port}`), host).to.equal('421');
  });
});

/** The body of /metrics, or the code of the error. */
const scraped = (port: number, options: https.RequestOptions): Promise<string> =>
  new Promise((resolve) => {
    const at = { host: '127.0.0.1', port, path: '/metrics', agent: false };
    const request = https.get({ ...at, ...options }, (response) => resolve(text(response)));
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

const signed = ({ client }: MadeCertificates): https.RequestOptions => ({
  cert: fs.readFileSync(client.certPath),
  key: fs.readFileSync(client.keyPath),
});
const trusting = ({ server }: MadeCertificates) => ({ ca: fs.readFileSync(server.caPath) });

describe('the metrics port with TLS', () => {
  const certificates = (context: Mocha.Context) => {
    const folder = temporaryFolder();
    const [made, other] = ['a', 'b'].map((name) => makeCertificates(context, folder, name));
    if (made === undefined || other === undefined) throw new Error('no certificates');
    return { made, other, folder };
  };
  /** The port with the first of them, which its clients trust. */
  const servedTls = async (context: Mocha.Context) => {
    const { made, other } = certificates(context);
    return { port: await served({ tls: made.server }), made, other };
  };
  /** What a client of its authority asks with, read before files change. */
  const trusted = (made: MadeCertificates) => ({ ...trusting(made), ...signed(made) });
  const expectScraped = async (port: number, options: https.RequestOptions) =>
    expect(await scraped(port, options)).to.match(/^# HELP/);

  it('answers only clients with a certificate of its authority', async function () {
    const { port, made, other } = await servedTls(this);
    expect(await scraped(port, trusted(made))).to.equal(metricsText(untracked));
    for (const refused of [
      trusting(made),
      { ...trusting(made), ...signed(other) },
      { ...trusted(made), maxVersion: 'TLSv1.1', minVersion: 'TLSv1' } as const,
    ])
      expect(await scraped(port, refused)).to.match(/^E/);
    await expectScraped(port, { ...trusted(made), maxVersion: 'TLSv1.2' });
    const plain = await sent(
      { host: '127.0.0.1', port },
      'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    expect(plain).not.to.contain('rollcall_');
  });

  it('accepts any host, because its clients prove who they are', async function () {
    const { port, made } = await servedTls(this);
    const headers = { host: 'cell.example' };
    await expectScraped(port, {
      ...trusted(made),
      headers,
      checkServerIdentity: () => undefined,
    });
  });

  it('closes the connection that was idle longest for a new one, not one that is scraped', async function () {
    const { port, made } = await servedTls(this);
    const kept = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const scrape = () => expectScraped(port, { ...trusted(made), agent: kept });
    await scrape();
    const [socket] = Object.values(kept.freeSockets).flatMap((sockets) => sockets ?? []);
    const idle = [];
    for (let count = 0; count < 63; count++)
      idle.push(await connected({ host: '127.0.0.1', port }));
    await scrape();
    await expectScraped(port, trusted(made));
    await idle[0]?.closed;
    await scrape();
    expect(Object.values(kept.freeSockets).flat()).to.deep.equal([socket]);
    kept.destroy();
  });

  it('uses rotated certificates, after the first client that no longer matches', async function () {
    const { port, made, other } = await servedTls(this);
    await expectScraped(port, trusted(made));
    for (const key of ['certPath', 'keyPath', 'caPath'] as const)
      fs.copyFileSync(other.server[key], made.server[key]);
    await waitFor('the new certificates', async () =>
      (await scraped(port, trusted(other))).startsWith('# HELP'),
    );
  });

  it('says once that rotated files cannot be used, while it serves with the old ones', async function () {
    const { made, other } = certificates(this);
    const changes: (string | null)[] = [];
    const { server } = made;
    const [old, key] = [trusted(made), fs.readFileSync(server.keyPath)];
    const port = await served({ tls: server, onRenewal: (error) => void changes.push(error) });
    /** A client that is refused makes the next connection check the files. */
    const checked = async (): Promise<void> => {
      await scraped(port, { ...trusting(made), ...signed(other) });
      await expectScraped(port, old);
    };
    fs.copyFileSync(other.server.keyPath, server.keyPath);
    await checked();
    expect(changes, 'perhaps half written').to.deep.equal([]);
    for (let count = 0; count < 3; count++) await checked();
    expect(changes).to.have.length(1);
    expect(changes[0]).to.contain(`${server.keyPath} is not a PEM key that matches`);
    fs.writeFileSync(server.keyPath, key);
    for (let count = 0; count < 2; count++) await checked();
    expect(changes.slice(1)).to.deep.equal([null]);
  });

  it('says which file and key are wrong', async function () {
    const {
      made: { server },
      other,
      folder,
    } = certificates(this);
    const garbage = join(folder, 'garbage');
    fs.writeFileSync(garbage, 'no certificate');
    for (const [key, path, says] of [
      ['certPath', join(folder, 'none'), 'ENOENT'],
      ['keyPath', folder, 'EISDIR'],
      ['caPath', garbage, 'is not a PEM certificate'],
      ['certPath', garbage, 'is not a PEM certificate'],
      ['keyPath', garbage, 'is not a PEM key'],
      ['keyPath', other.server.keyPath, 'that matches metrics.tls.certPath'],
    ] as const) {
      const [code, message] = await failing({ tls: { ...server, [key]: path } });
      expect(code).to.equal('TLS_FILES');
      expect(message).to.contain(`metrics.tls.${key}`).and.contain(says).and.not.contain('\n');
    }
  });

  it('closes even during a handshake that never completes', async function () {
    const { made } = certificates(this);
    const hanging = async (port: number) => {
      const one = await connected({ host: '127.0.0.1', port });
      // The beginning of a ClientHello.
      one.socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
      await sleep(50);
      return one;
    };
    const port = await served({ tls: made.server });
    const other = await hanging(port);
    const closing = await serveMetrics({ ...OPTIONS, tls: made.server });
    const { socket, closed } = await hanging(closing.port);
    await closing.close();
    await closed;
    expect(socket.destroyed).to.equal(true);
    // That one began earlier, so the time after which a handshake ends by itself is not over.
    expect(other.socket.destroyed).to.equal(false);
  });
});

/** A server that is kept until the end of the test, and its changes. */
async function keptWith(some: Partial<MetricsOptions>) {
  const changes: (string | null)[] = [];
  const kept = await keepServingMetrics({
    ...OPTIONS,
    retryMilliseconds: 20,
    onChange: (error) => changes.push(error),
    ...some,
  });
  atEndOfTest(() => kept.close());
  return { kept, changes };
}

describe('The metrics server', () => {
  it('is retried while another job has its port, and says so once', async () => {
    const other = await serveLocally(() => undefined);
    atEndOfTest(() => other.stop());
    const { kept, changes } = await keptWith({ port: other.port });
    expect(kept.error()).to.contain(`port ${other.port} of 127.0.0.1 is in use`);
    await sleep(100);
    expect(changes).to.deep.equal([kept.error()]);
    await other.stop();
    await waitFor('the port', () => kept.error() === null);
    expect(changes).to.have.length(2);
    expect((await fetch(`http://127.0.0.1:${other.port}/healthz`)).status).to.equal(200);
  });

  it('keeps trying whatever is wrong with its certificate, even if its path is a loop', async () => {
    const folder = temporaryFolder();
    const loop = join(folder, 'loop');
    fs.symlinkSync(loop, loop);
    const tls = { certPath: loop, keyPath: loop, caPath: loop };
    const { kept, changes } = await keptWith({ tls });
    await sleep(100);
    expect(changes).to.deep.equal([kept.error()]);
    expect(kept.error()).to.contain(`Cannot read ${loop} (ELOOP)`);
  });

  it('logs nothing about a port that it gets at once, and stops while it still waits for one', async () => {
    const { kept: first, changes } = await keptWith({});
    await first.close();
    expect(changes).to.deep.equal([]);
    const other = await serveLocally(() => undefined);
    atEndOfTest(() => other.stop());
    const { kept } = await keptWith({ port: other.port });
    expect(kept.error()).not.to.equal(null);
    await kept.close();
  });
});
