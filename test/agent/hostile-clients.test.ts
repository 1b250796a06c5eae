import net, { type NetConnectOpts, type Socket } from 'node:net';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEndOfTest } from '../at-end-of-test.ts';
import { MAX_WAIT } from '../wait-for.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { limitedServers, requestFor } from './limited-servers.ts';
import { makeCertificates } from './made-certificates.ts';

/** As many as a server keeps open. */
const CLIENTS = 64;
const SECONDS = 3;
/** Of both servers: far less than the time for which they are attacked. */
const MAX_CPU_SECONDS = 2.5;

const START = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';

/** What each client does on a connection of its own, again and again. */
const ATTACKS: Readonly<Record<string, (socket: Socket) => void>> = {
  'send a head byte by byte': (socket) => {
    socket.write(`${START}X: `);
    const timer = setInterval(() => socket.write('a'), 100);
    socket.once('close', () => clearInterval(timer));
  },
  'send a body byte by byte': (socket) => {
    socket.write('POST /v1/drill HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\n');
    const timer = setInterval(() => socket.write('a'), 100);
    socket.once('close', () => clearInterval(timer));
  },
  'send 200,000 headers': (socket) => void socket.write(`${START}${'X: y\r\n'.repeat(200_000)}`),
  'send a header of a megabyte': (socket) => void socket.write(`${START}X: ${'a'.repeat(1e6)}`),
  // Node's parser skips them before a request.
  'send a megabyte of blank lines': (socket) => void socket.write('\r\n'.repeat(500_000)),
  'end the connection while they are answered': (socket) => {
    socket.write(requestFor('/metrics'));
    // A Unix socket cannot be reset.
    const end = () =>
      socket.remotePort === undefined ? socket.destroy() : socket.resetAndDestroy();
    socket.once('connect', () => setTimeout(end, Math.random() * 4));
  },
};

/** The beginning of a ClientHello of 512 bytes (RFC 8446, 5.1). */
const HELLO = Buffer.from('160301020001000001fc0303', 'hex');

/** The same before a TLS handshake is complete. */
const TLS_ATTACKS: Readonly<Record<string, (socket: Socket) => void>> = {
  'never begin a handshake': () => undefined,
  'send a handshake byte by byte': (socket) => {
    socket.write(HELLO);
    const timer = setInterval(() => socket.write('a'), 100);
    socket.once('close', () => clearInterval(timer));
  },
  'reset the connection in the handshake': (socket) => {
    socket.write(HELLO, () => socket.resetAndDestroy());
  },
  'have no certificate': (socket) => {
    tls.connect({ socket, rejectUnauthorized: false }).on('error', () => undefined);
  },
  'send what is not TLS': (socket) => void socket.write(requestFor('/metrics')),
};

/** Begins again whenever a connection is closed, until the end of the test. */
function attack(address: NetConnectOpts, how: (socket: Socket) => void): void {
  const open = new Set<Socket>();
  let isOver = false;
  const begin = (): void => {
    if (isOver) return;
    const socket = net.connect(address);
    open.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
    socket.once('close', () => {
      open.delete(socket);
      setTimeout(begin, 50);
    });
    how(socket);
  };
  for (let client = 0; client < CLIENTS; client++) begin();
  atEndOfTest(() => {
    isOver = true;
    for (const socket of open) socket.destroy();
  });
}

describe('both servers of the agent, with the limits of the job, answer beside 64 clients that', () => {
  for (const [what, how] of Object.entries(ATTACKS))
    it(what, async function () {
      this.timeout(3 * MAX_WAIT);
      const { metrics, status, stillAnswer } = await limitedServers();
      attack(metrics, how);
      attack(status, how);
      await sleep(SECONDS * 1000);
      await stillAnswer(MAX_CPU_SECONDS);
    });

  for (const [what, how] of Object.entries(TLS_ATTACKS))
    it(`${what}, where metrics have TLS`, async function () {
      this.timeout(3 * MAX_WAIT);
      const certificates = makeCertificates(this, temporaryFolder(), 'hostile');
      const { metrics, stillAnswer } = await limitedServers(certificates);
      attack(metrics, how);
      await sleep(SECONDS * 1000);
      await stillAnswer(MAX_CPU_SECONDS);
    });
});
