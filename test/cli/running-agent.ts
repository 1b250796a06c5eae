import { join } from 'node:path';
import { noNames } from '../../src/names/known-names.ts';
import type { AgentState, DrillProgress } from '../../src/model/agent-state.ts';
import { serveStatus } from '../../src/agent/status-socket.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

export interface Asked {
  readonly socketPath: string;
  readonly drills: readonly number[];
}

export const DRILL: DrillProgress = {
  handle: 'drill-1',
  since: '2026-03-02T10:21:00.000Z',
  until: '2026-03-02T10:26:00.000Z',
  scrapes: 0,
  lastScraped: null,
};

/**
 * The status socket of an agent that shows a state, until the end of the test.
 * @param progress what it says of its drill, one answer after another; then that none runs
 */
export async function agentShowing(
  shown: AgentState,
  progress: readonly DrillProgress[] = [],
): Promise<Asked> {
  const runs = [...progress];
  const socketPath = join(temporaryFolder(), 's');
  const drills: number[] = [];
  const server = await serveStatus({
    socketPath,
    state: () => shown,
    health: () => null,
    onChange: () => undefined,
    retryMilliseconds: 60_000,
    names: () => noNames(0),
    namesSocket: () => null,
    drill: {
      start: (seconds) => {
        drills.push(seconds);
        return DRILL;
      },
      running: () => runs.shift() ?? null,
      end: () => runs.shift() ?? null,
    },
  });
  atEndOfTest(() => server.close());
  return { socketPath, drills };
}
