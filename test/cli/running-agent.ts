import { join } from 'node:path';
import type { AgentState } from '../../src/model/agent-state.ts';
import { finish } from '../../src/terminal/failing.ts';
import type { Io } from '../../src/terminal/io.ts';
import { serveStatus } from '../../src/agent/status-socket.ts';
import { keptStreams } from '../kept-streams.ts';
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

export interface Written {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command, as its process would end. */
export async function ran(
  command: (io: Io) => Promise<number>,
  change: Partial<Io> = {},
): Promise<Written> {
  const { written, ...streams } = keptStreams();
  const io: Io = { ...streams, isTty: false, columns: 80, env: {}, ...change };
  const code = await finish(() => command(io), io);
  return { code, ...written };
}
