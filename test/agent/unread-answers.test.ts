import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { NetConnectOpts, Socket } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { expect } from 'chai';
import { noNames } from '../../src/names/known-names.ts';
import { localHosts } from '../../src/agent/host-rule.ts';
import { serve } from '../../src/agent/http.ts';
import { serveMetrics } from '../../src/agent/metrics-server.ts';
import { RunningDrill } from '../../src/agent/running-drill.ts';
import { MAX_WAITING, SERVER_OPTIONS } from '../../src/agent/server-limits.ts';
import { serveStatus } from '../../src/agent/status-socket.ts';
import type { TlsFiles } from '../../src/model/agent-config.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { STATES } from '../present/agent-state-builder.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { MAX_WAIT, waitFor } from '../wait-for.ts';
import { limitedServers, requestFor } from './limited-servers.ts';
import { makeCertificates } from './made-certificates.ts';
import { connected, sent } from './raw-client.ts';

const CONNECTIONS = 60;
/** Of 120 connections with a flood, and two that ask for /healthz. */
const MAX_CPU_SECONDS = 1.5;

/** Sends many requests on each of its connections, and reads no answer. */
async function flood(address: NetConnectOpts, path: string, count: number) {
  const requests = requestFor(path).repeat(count);
  const all = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(address)));
  for (const { socket } of all) {
    socket.pause();
    socket.write(requests);
    atEndOfTest(() => socket.destroy());
  }
}

/** A server on a Unix socket whose answer has so many bytes, until the end of the test. */
async function answering(bytes: number) {
  const body = 'x'.repeat(bytes);
  const routes = { '/': { GET: () => ({ status: 200, type: 'text/plain', body }) } };
  const path = join(temporaryFolder(), 'rollcall.sock');
  const server = http.createServer(SERVER_OPTIONS);
  atEndOfTest(serve(server, { routes, hosts: localHosts() }));
  server.listen(path);
  await once(server, 'listening');
  return { path, server };
}

describe('answers that nobody reads', () => {
  // 60 local connections with 3,000 requests each took 721 MB, which ended the agent. When only one
  // of their answers was made, they still took 4.5 s of CPU time, because all were parsed.
  for (const count of [300, 3000])
    it(`leave both servers answering, and the process within its limits: ${count} requests each`, async function () {
      this.timeout(3 * MAX_WAIT);
      const { metrics, status, stillAnswer } = await limitedServers();
      await flood(metrics, '/metrics', count);
      await flood(status, '/v1/report', count);
      await stillAnswer(MAX_CPU_SECONDS);
    });

  it('are closed from 32 MiB on, those that have waited longest first', async () => {
    const { path, server } = await answering(MAX_WAITING / 2);
    const theirs: Socket[] = [];
    server.on('connection', (socket) => theirs.push(socket));
    const lazy = [];
    for (let number = 0; number < 5; number++) {
      const one = await connected({ path });
      one.socket.pause();
      const asked = once(server, 'request');
      one.socket.write(requestFor('/'));
      await asked;
      lazy.push(one.socket);
    }
    // What the kernel has taken of each does not wait any more.
    await waitFor('an end of those before', () => theirs.filter((one) => one.destroyed).length > 0);
    const waiting = theirs.reduce((sum, one) => sum + (one.destroyed ? 0 : one.writableLength), 0);
    expect(waiting).to.be.within(1, MAX_WAITING);
    expect(theirs.at(0)?.destroyed).to.equal(true);
    expect(theirs.at(-1)?.destroyed).to.equal(false);
    for (const socket of lazy) socket.destroy();
  });
});

describe('an answer of more than 32 MiB', () => {
  it('is written to a client that reads it', async () => {
    const { path } = await answering(MAX_WAITING + 1);
    const answer = await sent({ path }, requestFor('/', 'Connection: close\r\n'));
    expect(answer.length).to.be.above(MAX_WAITING);
  });
});

const untracked = STATES.untracked();
const VIEWS = { state: () => untracked, health: () => null, namesSocket: () => null };
const METRICS = {
  ...VIEWS,
  address: '127.0.0.1',
  port: 0,
  onRenewal: () => undefined,
  onScrape: () => undefined,
};

/** Connects to the metrics port until the end of the test. */
async function toMetrics(files: TlsFiles | null): Promise<NetConnectOpts> {
  const server = await serveMetrics({ ...METRICS, tls: files });
  atEndOfTest(() => server.close());
  return { host: '127.0.0.1', port: server.port };
}

async function toStatus(): Promise<NetConnectOpts> {
  const path = join(temporaryFolder(), 'rollcall.sock');
  const drill = new RunningDrill(
    () => undefined,
    () => undefined,
  );
  const onChange = () => undefined;
  const names = () => noNames(0);
  const options = { ...VIEWS, socketPath: path, onChange, drill, names, retryMilliseconds: 1000 };
  const server = await serveStatus(options);
  atEndOfTest(() => server.close());
  return { path };
}

/** Requests for /healthz in 512 bytes. */
const AT_ONCE = Math.ceil(512 / requestFor('/healthz').length);

describe('3,000 requests that are sent at once', () => {
  /** How many of them became objects of Node's. */
  const parsedOf = async (socket: Socket): Promise<number> => {
    let parsed = 0;
    const count = () => {
      parsed += 1;
    };
    subscribe('http.server.request.start', count);
    atEndOfTest(() => unsubscribe('http.server.request.start', count));
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.write(requestFor('/healthz').repeat(3000));
    await closed;
    return parsed;
  };

  it('are not parsed after the first 512 bytes, at the metrics port', async () => {
    const { socket } = await connected(await toMetrics(null));
    expect(await parsedOf(socket)).to.be.at.most(AT_ONCE);
  });

  it('are not parsed after the first 512 bytes, at the status socket', async () => {
    const { socket } = await connected(await toStatus());
    expect(await parsedOf(socket)).to.be.at.most(AT_ONCE);
  });

  it('are not parsed after the first 512 bytes, at the metrics port with TLS', async function () {
    const made = makeCertificates(this, temporaryFolder(), 'a');
    const address = await toMetrics(made.server);
    const socket = tls.connect({
      ...address,
      ca: readFileSync(made.server.caPath),
      cert: readFileSync(made.client.certPath),
      key: readFileSync(made.client.keyPath),
    });
    await once(socket, 'secureConnect');
    expect(await parsedOf(socket)).to.be.at.most(AT_ONCE);
  });
});
