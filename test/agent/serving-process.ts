import type { TlsFiles } from '../../src/model/agent-config.ts';
import { noNames } from '../../src/names/known-names.ts';
import { serveMetrics } from '../../src/agent/metrics-server.ts';
import { RunningDrill } from '../../src/agent/running-drill.ts';
import { serveStatus } from '../../src/agent/status-socket.ts';
import { containers, report, state } from '../present/agent-state-builder.ts';

/*
 * Both servers of an agent that knows 300 containers, in a process of their own: its heap has a
 * limit. Its arguments are the status socket's path and, as JSON, the files for TLS. It sends its
 * parent the port, and in answer to any message the bytes and the CPU time that it uses.
 */

const [socketPath = '', tls] = process.argv.slice(2);
const shown = state({ report: report(containers(300)) });

const metrics = await serveMetrics({
  address: '127.0.0.1',
  port: 0,
  tls: tls === undefined ? null : (JSON.parse(tls) as TlsFiles),
  state: () => shown,
  health: () => null,
  onRenewal: () => undefined,
  onScrape: () => undefined,
});
await serveStatus({
  socketPath,
  state: () => shown,
  health: () => null,
  onChange: () => undefined,
  drill: new RunningDrill(
    () => undefined,
    () => undefined,
  ),
  names: () => noNames(0),
  namesSocket: () => null,
  retryMilliseconds: 1000,
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ rss: process.memoryUsage().rss, cpuSeconds: (user + system) / 1e6 });
});
process.send?.({ port: metrics.port });
