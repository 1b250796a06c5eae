import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import type { TlsFiles } from '../model/agent-config.ts';
import type { AgentState } from '../model/agent-state.ts';
import { KnownFailure } from '../model/failure.ts';
import { metricsText } from '../present/metrics.ts';
import { errnoOf } from '../probe/kernel-reader.ts';
import { closeServer, jsonReply, serve, SERVER_OPTIONS, type Routes } from './http.ts';

export interface MetricsOptions {
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: TlsFiles | null;
  readonly state: () => AgentState;
  readonly isAlive: () => boolean;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const RENEWED_EVERY = 60_000;

/**
 * `/metrics` and `/healthz` over TCP.
 * @throws KnownFailure METRICS_PORT, FILE_UNREADABLE
 */
export async function serveMetrics(
  options: MetricsOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { address, port, tls, state, isAlive } = options;
  const routes: Routes = {
    '/metrics': { GET: () => ({ status: 200, type: PROMETHEUS_TEXT, body: metricsText(state()) }) },
    '/healthz': {
      GET: () =>
        isAlive()
          ? jsonReply(200, { status: 'ok' })
          : jsonReply(503, { status: 'stuck', error: 'no look has ended for too long' }),
    },
  };
  const server =
    tls === null
      ? http.createServer(SERVER_OPTIONS)
      : https.createServer({ ...SERVER_OPTIONS, ...tlsOptions(tls) });
  serve(server, routes);
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new KnownFailure(
      'METRICS_PORT',
      `Cannot listen on ${address} port ${port} (${errnoOf(cause)}): another process has it; set metrics.port.`,
      { cause },
    );
  }
  const renewal = server instanceof https.Server && tls !== null ? renew(server, tls) : null;
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: async () => {
      if (renewal !== null) clearInterval(renewal);
      await closeServer(server);
    },
  };
}

/** Certificates are rotated while the agent runs; one that cannot be read leaves the old one in use. */
function renew(server: https.Server, tls: TlsFiles): NodeJS.Timeout {
  const timer = setInterval(() => {
    try {
      server.setSecureContext(tlsOptions(tls));
    } catch {
      // Half-written: the next minute will do.
    }
  }, RENEWED_EVERY);
  return timer.unref();
}

const tlsOptions = ({ certPath, keyPath, caPath }: TlsFiles): https.ServerOptions => ({
  cert: readTlsFile(certPath, 'metrics.tls.certPath'),
  key: readTlsFile(keyPath, 'metrics.tls.keyPath'),
  ca: readTlsFile(caPath, 'metrics.tls.caPath'),
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2',
});

function readTlsFile(path: string, key: string): Buffer {
  try {
    return fs.readFileSync(path);
  } catch (cause) {
    throw new KnownFailure(
      'FILE_UNREADABLE',
      `Cannot read ${path} (${errnoOf(cause)}): correct ${key}.`,
      { cause },
    );
  }
}
