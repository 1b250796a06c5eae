import { once } from 'node:events';
import http from 'node:http';
import type { TlsFiles } from '../model/agent-config.ts';
import type { AgentState } from '../model/agent-state.ts';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { metricsText } from '../present/metrics.ts';
import { hostOfAddress, localHosts } from './host-rule.ts';
import { serve, type Routes } from './http.ts';
import {
  healthResponse,
  keepTrying,
  type RetriedServer,
  type ServerOptions,
} from './retried-server.ts';
import { SERVER_OPTIONS } from './server-limits.ts';
import type { OnRenewal } from './tls-server.ts';

export interface MetricsOptions extends Pick<ServerOptions, 'state' | 'health'> {
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  /** If set, only clients with a certificate of its authority are answered. */
  readonly tls: TlsFiles | null;
  readonly onRenewal: OnRenewal;
  /** Called with the state that an answer shows. */
  readonly onScrape: (shown: AgentState) => void;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Keeps trying to serve metrics while the port is taken or the certificates cannot be used. */
export async function keepServingMetrics(
  options: MetricsOptions & ServerOptions,
): Promise<RetriedServer> {
  let server: { close(): Promise<void> } | null = null;
  const kept = keepTrying({
    ...options,
    attempt: async () => {
      server ??= await serveMetrics(options);
    },
    close: () => server?.close(),
  });
  await kept.retry();
  return kept;
}

/**
 * `/metrics` and `/healthz` over TCP.
 * @throws KnownFailure METRICS_PORT, TLS_FILES
 */
export async function serveMetrics(
  options: MetricsOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { address, port, tls, onRenewal } = options;
  // Loaded only if needed: TLS takes half as long to load as the rest of the agent.
  const server =
    tls === null
      ? http.createServer(SERVER_OPTIONS)
      : (await import('./tls-server.ts')).tlsServer(tls, onRenewal);
  const hosts = tls === null ? localHosts(hostOfAddress(address)) : null;
  const close = serve(server, { routes: routesOf(options), hosts });
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw portFailure(options, errnoOf(cause), cause);
  }
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close,
  };
}

function routesOf({ state, health, onScrape }: MetricsOptions): Routes {
  const text = textOfState();
  return {
    '/metrics': {
      GET: () => {
        const shown = state();
        onScrape(shown);
        return { status: 200, type: PROMETHEUS_TEXT, body: text(shown) };
      },
    },
    '/healthz': { GET: () => healthResponse(health()) },
  };
}

/** Formats each state once, however often it is scraped. */
function textOfState(): (state: AgentState) => string {
  let last: { readonly state: AgentState; readonly text: string } | null = null;
  return (state) => {
    if (last?.state !== state) last = { state, text: metricsText(state) };
    return last.text;
  };
}

function portFailure(
  { address, port }: MetricsOptions,
  errno: string,
  cause: unknown,
): KnownFailure {
  const why =
    errno === 'EADDRINUSE'
      ? `port ${port} of ${address} is in use: stop what listens there, or set metrics.port to a free one`
      : errno === 'EADDRNOTAVAIL'
        ? `this cell has no address ${address}: set metrics.address to one that it has`
        : `port ${port} of ${address}: ${errno}; set metrics.port to one above 1023`;
  return new KnownFailure('METRICS_PORT', `Cannot serve metrics, ${why}.`, { cause });
}
