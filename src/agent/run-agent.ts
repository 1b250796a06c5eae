import fs from 'node:fs';
import process from 'node:process';
import type { Io } from '../terminal/io.ts';
import { VERSION } from '../terminal/version.ts';
import type { AgentConfig } from '../model/agent-config.ts';
import type { Drill } from '../model/drill.ts';
import { KnownFailure } from '../model/failure.ts';
import { parseAgentConfig } from '../parse/agent-config.ts';
import { probeCell } from '../probe/cell-probe.ts';
import { errnoOf } from '../probe/kernel-reader.ts';
import { DirectoryWatcher, directoryOfSocket, stampOfSocket } from '../probe/watcher.ts';
import { createLog } from './log.ts';
import type { Health } from './http.ts';
import { keepServingMetrics, SERVED_AGAIN_AFTER_MILLISECONDS } from './kept-metrics-server.ts';
import { serveStatus, STATUS_RENEWED_EVERY_MILLISECONDS } from './status-socket.ts';
import { Agent } from './agent.ts';
import { MemoryKeeper } from './memory-keeper.ts';

interface AgentArguments {
  readonly config: string;
  readonly checkConfig: boolean;
}

/** The daemon: exit 0 on TERM, 2 for a configuration or a place that cannot be used. */
export function runAgent({ config: path, checkConfig }: AgentArguments, io: Io): Promise<number> {
  const parsed = parseAgentConfig(readConfig(path));
  if (!parsed.ok) {
    for (const problem of parsed.problems) io.stderr(`rollcall: ${path}: ${problem}\n`);
    return Promise.resolve(2);
  }
  if (checkConfig) {
    io.stdout(`${path} is a configuration that the agent can use.\n`);
    return Promise.resolve(0);
  }
  return runDaemon(parsed.config);
}

/** For the last lines of the log, in milliseconds. */
const MAX_FLUSH = 1000;

/** Runs until TERM or INT, in the middle of anything. */
async function runDaemon(config: AgentConfig): Promise<number> {
  // Nothing that the agent makes is for others; its socket gets its mode by itself.
  process.umask(0o077);
  const { garden, metrics, status, memory, reconcile, root } = config;
  const probe = probeCell({
    root,
    gardenSocket: garden.socketPath,
    gardenTimeoutMilliseconds: garden.timeoutSeconds * 1000,
  });
  const log = createLog(config.logging.level);
  const containers = new DirectoryWatcher(() => {
    agent.containersChanged();
  });
  let gardenSocket = stampOfSocket(garden.socketPath);
  const socket = new DirectoryWatcher(() => {
    // Garden may keep other files beside its socket, and they say nothing.
    const now = stampOfSocket(garden.socketPath);
    if (now === gardenSocket) return;
    gardenSocket = now;
    agent.gardenChanged();
  });
  const agent: Agent = new Agent({
    config,
    version: VERSION,
    probe,
    keeper: new MemoryKeeper(memory.path),
    log,
    watch: (places) => {
      containers.watch(places);
      socket.watch(directoryOfSocket(garden.socketPath));
    },
  });
  const state = () => agent.state();
  const stop = (): void => {
    agent.stop();
    // Ends a request to Garden that is under way.
    probe.close();
  };
  const aliveFor = 3 * reconcile.intervalSeconds + 6 * garden.timeoutSeconds;
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const servers: { close(): Promise<void> }[] = [];
  try {
    const drill = (seconds: number): Drill => agent.startDrill(seconds);
    let metricsError = (): string | null => null;
    let statusError = (): string | null => null;
    const health = (): Health => {
      if (!agent.isAlive(aliveFor * 1000)) {
        return { status: 'stuck', error: 'no pass has ended for too long' };
      }
      const noStatus = statusError();
      if (noStatus !== null) return { status: 'no-status-socket', error: noStatus };
      const error = metricsError();
      return error === null ? null : { status: 'no-metrics', error };
    };
    const statusServer = await serveStatus({
      socketPath: status.socketPath,
      state,
      drill,
      health,
      onChange: (error) => {
        agent.reportServer('status', error);
      },
      renewedEveryMilliseconds: STATUS_RENEWED_EVERY_MILLISECONDS,
    });
    servers.push(statusServer);
    statusError = statusServer.error;
    const kept = await keepServingMetrics({
      ...metrics,
      state,
      health,
      onChange: (error) => {
        agent.reportServer('metrics', error);
      },
      againAfterMilliseconds: SERVED_AGAIN_AFTER_MILLISECONDS,
    });
    servers.push(kept);
    metricsError = kept.error;
    await agent.run();
  } finally {
    containers.close();
    socket.close();
    probe.close();
    await Promise.all(servers.map((server) => server.close()));
  }
  // A log that nobody reads must not keep the process from ending.
  setTimeout(() => process.exit(), MAX_FLUSH).unref();
  return 0;
}

function readConfig(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (cause) {
    throw new KnownFailure(
      'FILE_UNREADABLE',
      `Cannot read the configuration ${path} (${errnoOf(cause)}). Give the path of a JSON file with --config.`,
      { cause },
    );
  }
}
