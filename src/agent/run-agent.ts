import fs from 'node:fs';
import process from 'node:process';
import type { Io } from '../terminal/io.ts';
import { VERSION } from '../terminal/version.ts';
import type { AgentConfig } from '../model/agent-config.ts';
import type { AgentState } from '../model/agent-state.ts';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { parseAgentConfig } from '../parse/agent-config.ts';
import { shownCommand } from '../parse/shown-command.ts';
import { warningSentence } from '../present/warning-texts.ts';
import { exitNow } from '../probe/exit-now.ts';
import { probeCell } from '../probe/cell-probe.ts';
import { watchStandstill } from '../probe/standstill.ts';
import {
  directoryWatcher,
  directoryOfSocket,
  stampOfSocket,
  type Watched,
} from '../probe/watcher.ts';
import { Agent } from './agent.ts';
import { CriCalls } from './cri/cri-calls.ts';
import { serveCri, type CriServer } from './cri-socket.ts';
import { RequestCounts } from './cri/requests.ts';
import { createLog } from './log.ts';
import { healthOf, type Health, type RetriedServer, type ServerOptions } from './retried-server.ts';
import { keepServingMetrics } from './metrics-server.ts';
import { NameFiles, nameFilesBeside, removeNameFiles } from './name-files.ts';
import { NameKeeper } from './name-keeper.ts';
import { serveStatus } from './status-socket.ts';

interface AgentArguments {
  readonly config: string;
  readonly checkConfig: boolean;
  readonly verifyPasses: string;
}

const HOUR_MILLISECONDS = 3_600_000;
/** Beside a real Garden, 582 of 902 containers became findings without a grace period, none with this. */
const MIN_GRACE_SECONDS = 2;
/** How long the last lines of the log may take. */
const MAX_FLUSH_MILLISECONDS = 1000;

/**
 * The daemon: exits with 0 on TERM, with 2 if the configuration or a socket path cannot be used.
 * @throws KnownFailure GARDEN_DIRECTORY_REMOVED, USAGE
 */
export function runAgent(
  { config: path, checkConfig, verifyPasses }: AgentArguments,
  io: Io,
): Promise<number> {
  const parsed = parseAgentConfig(readConfig(path));
  if (!parsed.ok) {
    for (const problem of parsed.problems) io.stderr(`rollcall: ${path}: ${problem}\n`);
    return Promise.resolve(2);
  }
  if (checkConfig) {
    io.stdout(`${path} is a valid configuration.\n`);
    return Promise.resolve(0);
  }
  const { config } = parsed;
  const { gracePeriodSeconds, remark } = gracePeriodOf(config);
  if (remark !== null) io.stderr(`rollcall: ${path}: ${remark}\n`);
  const reconcile = { ...config.reconcile, gracePeriodSeconds };
  return runDaemon({ ...config, reconcile }, verifyPassesOf(verifyPasses));
}

/** The grace period that is used, and what the agent says about it when it starts. */
export const gracePeriodOf = ({ reconcile: { gracePeriodSeconds: given } }: AgentConfig) =>
  given < MIN_GRACE_SECONDS
    ? {
        gracePeriodSeconds: MIN_GRACE_SECONDS,
        remark:
          `reconcile.gracePeriodSeconds ${given} is taken as ${MIN_GRACE_SECONDS}: ` +
          'with less, containers that come and go become findings.',
      }
    : { gracePeriodSeconds: given, remark: null };

function verifyPassesOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new KnownFailure('USAGE', '--verify-passes needs a whole number from 0 to 9999.');
}

/** Runs until TERM or INT, which may arrive at any moment. */
async function runDaemon(config: AgentConfig, verifyPasses: number): Promise<number> {
  // The agent's files are for no other user; the socket sets its own mode.
  process.umask(0o077);
  const { garden, root } = config;
  const hangNote = `${config.memory.path}.hangs`;
  const probe = probeCell({
    root,
    hangNote,
    gardenSocket: garden.socketPath,
    gardenTimeoutMilliseconds: garden.timeoutSeconds * 1000,
    bosh: config.cell,
    showsCommand: shownCommand,
  });
  const { directory } = config.names;
  if (directory === null) removeNameFiles(nameFilesBeside(config.memory.path));
  const files =
    directory === null
      ? null
      : new NameFiles(directory, (problem) => agent.reports.nameFiles(directory, problem));
  const calls =
    config.names.criSocketPath === null
      ? null
      : new CriCalls(
          {
            names: () => names.names(),
            refresh: () => names.refresh(),
            misnamed: (id, containers) => agent.reports.misnamed(id, containers),
          },
          VERSION,
        );
  const names: NameKeeper = new NameKeeper(probe, (known, isConfirmed) => {
    files?.follow(known, isConfirmed);
    calls?.namesChanged();
  });
  const watchers = cellWatchers(garden.socketPath, {
    containersChanged: () => {
      agent.containersChanged();
      if (files !== null || calls !== null) names.containersChanged();
    },
    gardenChanged: () => agent.gardenChanged(),
  });
  const agent: Agent = new Agent({
    config,
    version: VERSION,
    probe,
    log: createLog(config.logging.level, config.cell),
    passEnded: (made) => {
      if (made !== null) watchers.watch(made.completed.watch);
      names.passEnded(made);
    },
    chance: Math.random,
    verifyPasses,
  });
  const stop = (): void => {
    agent.stop();
    // Aborts a request to Garden that is under way.
    probe.close();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const hourly = setInterval(() => {
    agent.summarize();
    const misnamed = calls?.hourEnded() ?? 0;
    if (misnamed > 0) agent.reports.moreMisnamed(misnamed);
  }, HOUR_MILLISECONDS);
  const stopWatching = watchStandstill({
    note: hangNote,
    end: 'The agent ends, because nothing else helps; the next one opens no cgroup before that file can be read.',
    exits: false,
  });
  let servers: Servers | null = null;
  let failure: KnownFailure | null = null;
  try {
    servers = await startServers({ agent, names, calls }, config);
    failure = await agent.run();
  } finally {
    clearInterval(hourly);
    stopWatching();
    watchers.close();
    names.close();
    files?.close();
    probe.close();
    await servers?.close();
  }
  // A log that nobody reads must not keep the process from ending.
  setTimeout(exitNow, MAX_FLUSH_MILLISECONDS).unref();
  if (failure !== null) throw failure;
  return 0;
}

function cellWatchers(
  gardenSocket: string,
  on: { readonly containersChanged: () => void; readonly gardenChanged: () => void },
) {
  const containers = directoryWatcher(on.containersChanged);
  let stamp = stampOfSocket(gardenSocket);
  const socket = directoryWatcher(() => {
    // The directory is watched for Garden's socket; changes of other files in it do not matter.
    const now = stampOfSocket(gardenSocket);
    if (now === stamp) return;
    stamp = now;
    on.gardenChanged();
  });
  return {
    watch: (places: readonly Watched[]): void => {
      containers.watch(places);
      socket.watch(directoryOfSocket(gardenSocket));
    },
    close: (): void => {
      containers.close();
      socket.close();
    },
  };
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

/** Why nothing is read; null: nothing hangs, or only command lines. */
function hangingRead({ report }: AgentState): string | null {
  const hanging = report?.cell.warnings.find(
    (one) => one.reason === 'hanging-reads' && one.file !== null,
  );
  return hanging === undefined ? null : warningSentence(hanging);
}

type ServerName = 'status' | 'metrics' | 'cri';

/** For metrics less than the 15 s of a scrape: a port that is free again costs at most one. */
const RETRY_MILLISECONDS: Readonly<Record<ServerName, number>> = {
  status: 2000,
  metrics: 5000,
  cri: 2000,
};

/** What the servers show, and what they do. */
interface Served {
  readonly agent: Agent;
  readonly names: NameKeeper;
  /** Null: nobody may ask for names. */
  readonly calls: CriCalls | null;
}

interface Servers {
  close(): Promise<void>;
}

/**
 * Serves what the agent knows. The health that each server answers with covers both.
 * @throws KnownFailure STATUS_SOCKET
 */
async function startServers(
  { agent, names, calls }: Served,
  { garden, metrics, reconcile, status, names: { criSocketPath } }: AgentConfig,
): Promise<Servers> {
  const servers: Partial<Record<ServerName, RetriedServer>> = {};
  const errorOf = (name: ServerName): string | null => servers[name]?.error() ?? null;
  const aliveFor = (3 * reconcile.intervalSeconds + 6 * garden.timeoutSeconds) * 1000;
  const health = (): Health =>
    healthOf(agent.isAlive(aliveFor), {
      reads: hangingRead(agent.state()),
      status: errorOf('status'),
      metrics: errorOf('metrics'),
    });
  const requests = new RequestCounts();
  let cri: CriServer | null = null;
  const optionsOf = (name: ServerName): ServerOptions => ({
    state: () =>
      calls === null ? agent.state() : { ...agent.state(), namesRequests: requests.all() },
    health,
    onChange: (error) => agent.reports.server(name, error),
    retryMilliseconds: RETRY_MILLISECONDS[name],
  });
  servers.status = await serveStatus({
    ...status,
    ...optionsOf('status'),
    drill: agent.drill,
    namesSocket: () => cri?.shown() ?? null,
    names: () => {
      // For the next request: an answer comes from memory.
      void names.refresh();
      return names.names();
    },
  });
  servers.metrics = await keepServingMetrics({
    ...metrics,
    ...optionsOf('metrics'),
    onRenewal: agent.reports.renewal.bind(agent.reports),
    onScrape: ({ report }) => {
      if (report !== null) agent.drill.scraped();
    },
  });
  // Last, because it takes longer to load than the rest of the agent.
  if (calls !== null && criSocketPath !== null) {
    cri = await serveCri({
      ...optionsOf('cri'),
      socketPath: criSocketPath,
      calls,
      onRequest: (method, result) => requests.add(method, result),
    });
    servers.cri = cri;
  }
  return {
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}
