import type { AgentConfig } from '../model/agent-config.ts';
import type { Agent } from './agent.ts';
import { healthOf, type Health, type KeptServer, type ServerOptions } from './kept-server.ts';
import { keepServingMetrics } from './metrics-server.ts';
import { serveStatus } from './status-socket.ts';

type ServerName = 'status' | 'metrics';

/** For metrics less than the 15 s of a scrape: a port that is free again costs at most one. */
const RETRY_MILLISECONDS: Readonly<Record<ServerName, number>> = { status: 2000, metrics: 5000 };

export interface Servers {
  close(): Promise<void>;
}

/**
 * Serves what the agent knows. The health that each server answers with covers both.
 * @throws KnownFailure STATUS_SOCKET
 */
export async function startServers(
  agent: Agent,
  { garden, metrics, reconcile, status }: AgentConfig,
): Promise<Servers> {
  const servers: Partial<Record<ServerName, KeptServer>> = {};
  const errorOf = (name: ServerName): string | null => servers[name]?.error() ?? null;
  const aliveFor = (3 * reconcile.intervalSeconds + 6 * garden.timeoutSeconds) * 1000;
  const health = (): Health =>
    healthOf(agent.isAlive(aliveFor), { status: errorOf('status'), metrics: errorOf('metrics') });
  const optionsOf = (name: ServerName): ServerOptions => ({
    state: () => agent.state(),
    health,
    onChange: (error) => agent.reportServer(name, error),
    retryMilliseconds: RETRY_MILLISECONDS[name],
  });
  servers.status = await serveStatus({
    ...status,
    ...optionsOf('status'),
    drill: agent.startDrill.bind(agent),
    acknowledge: agent.acknowledge.bind(agent),
    withdraw: agent.withdraw.bind(agent),
    history: agent.history.bind(agent),
  });
  servers.metrics = await keepServingMetrics({
    ...metrics,
    ...optionsOf('metrics'),
    onRenewal: agent.reportRenewal.bind(agent),
  });
  return {
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}
