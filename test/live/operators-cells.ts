import type { Cell } from '../../src/demo-cell/cell.ts';
import type { ContainerSpec } from '../../src/demo-cell/container-spec.ts';
import { startCell } from '../../src/demo-cell/start-cell.ts';
import { freePort } from '../../tools/local-server.ts';
import type { Route } from '../../tools/monitoring/routes.ts';
import { RunningAgent } from './running-agent.ts';

/** A cell with an agent, and what BOSH calls it. */
export interface WatchedCell {
  readonly cell: Cell;
  readonly agent: RunningAgent;
  /** Of /metrics; a cell in a box shares the machine's network. */
  readonly address: string;
  readonly bosh: BoshInstance;
}

export interface BoshInstance {
  readonly deployment: string;
  readonly group: string;
  readonly id: string;
  readonly ip: string;
}

/** What service discovery would say of it. */
export const boshLabels = (
  { labels }: Route,
  { deployment, group, id, ip }: BoshInstance,
): Readonly<Record<string, string>> => ({
  [labels.deployment]: deployment,
  [labels.group]: group,
  [labels.index]: id,
  [labels.ip]: ip,
});

/** An agent with a pass every second and calls a difference untracked after one. */
export async function startWatchedCell(
  bosh: BoshInstance,
  containers: readonly ContainerSpec[],
): Promise<WatchedCell> {
  // The tag gives the cell a /tmp of its own, where the agent has its socket.
  const cell = await startCell({ label: bosh.id, tag: 'ab' });
  try {
    await Promise.all(containers.map((spec) => cell.create(spec)));
    const agent = new RunningAgent(cell);
    const port = await freePort();
    await agent.prepare({
      metrics: { port },
      reconcile: { intervalSeconds: 1, gracePeriodSeconds: 1 },
    });
    agent.start();
    await agent.until('mounts.chosen');
    return { cell, agent, address: `127.0.0.1:${port}`, bosh };
  } catch (error) {
    await cell.stop();
    throw error;
  }
}
