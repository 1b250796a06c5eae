import { join } from 'node:path';
import type { AcknowledgementRequest } from '../../src/model/acknowledgement.ts';
import type { AgentState, DrillProgress } from '../../src/model/agent-state.ts';
import { serveStatus } from '../../src/agent/status-socket.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

export interface Asked {
  readonly socketPath: string;
  readonly drills: readonly number[];
  readonly acknowledged: readonly AcknowledgementRequest[];
  readonly withdrawn: readonly string[];
}

const ENTRY = {
  finding: { reason: 'partial', severity: 'warning' },
  until: '2026-12-24T10:00:00.000Z',
  reason: 'known',
  by: 'jane',
} as const;

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
  const acknowledged: AcknowledgementRequest[] = [];
  const withdrawn: string[] = [];
  const server = await serveStatus({
    socketPath,
    state: () => shown,
    health: () => null,
    onChange: () => undefined,
    retryMilliseconds: 60_000,
    acknowledge: (request) => {
      acknowledged.push(request);
      return shown.report?.containers.some(
        ({ handle, status }) => handle === request.handle && status === 'untracked',
      ) === true
        ? { ok: true, entry: { ...ENTRY, ...request } }
        : { ok: false, why: 'no-finding' };
    },
    withdraw: (handle) => {
      withdrawn.push(handle);
      return { ok: true, entry: { ...ENTRY, handle } };
    },
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
  return { socketPath, drills, acknowledged, withdrawn };
}
