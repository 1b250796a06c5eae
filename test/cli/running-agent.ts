import { join } from 'node:path';
import type { AgentState } from '../../src/model/agent-state.ts';
import { serveStatus } from '../../src/agent/status-socket.ts';
import { HISTORY } from '../present/agent-state-builder.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

export interface Asked {
  readonly socketPath: string;
  readonly drills: readonly number[];
}

/** The status socket of an agent that shows a state. */
export function withAgent<T>(shown: AgentState, use: (agent: Asked) => Promise<T>): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const socketPath = join(folder, 's');
    const drills: number[] = [];
    const server = await serveStatus({
      socketPath,
      state: () => shown,
      health: () => null,
      onChange: () => undefined,
      retryMilliseconds: 60_000,
      history: () => HISTORY,
      drill: (seconds) => {
        drills.push(seconds);
        return { handle: 'drill-1', since: 'now', until: '2026-03-02T10:26:00.000Z' };
      },
    });
    try {
      return await use({ socketPath, drills });
    } finally {
      await server.close();
    }
  });
}
