import { execa } from 'execa';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Cell } from '../../demo-cell/cell.ts';
import { runInCell } from '../../demo-cell/run-in-cell.ts';

/** In the cell, whose /tmp is its own. */
const FOLDER = '/tmp/agent';
const SOCKET = `${FOLDER}/rollcall.sock`;
const CONFIG = `${FOLDER}/config.json`;

export interface CellAgent {
  /** Its status socket, as a process of the machine reaches it. */
  readonly socketPath: string;
  /** Resolves when it has logged this message so many times. */
  logged(message: string, times: number): Promise<void>;
}

/** The agent in a cell, in a hurry, on a cell with a name that a foundation could give it. It ends with the cell. */
export async function startCellAgent(cell: Cell, main: string): Promise<CellAgent> {
  const config = {
    reconcile: { intervalSeconds: 1, gracePeriodSeconds: 1 },
    metrics: { port: 0 },
    status: { socketPath: SOCKET },
    memory: { path: `${FOLDER}/memory.json` },
  };
  await runInCell(cell, ['mkdir', '-p', FOLDER]);
  const root = `/proc/${cell.rootPid}/root`;
  writeFileSync(`${root}${CONFIG}`, JSON.stringify(config));
  const [file = '', ...enter] = cell.enter;
  const named = ['unshare', '--uts', 'sh', '-c', 'hostname diego-cell-7; exec "$@"', 'sh'];
  const agent = [process.execPath, main, 'agent', '--config', CONFIG];
  const child = execa(file, [...enter, ...named, ...agent], {
    buffer: false,
    reject: false,
    stderr: 'inherit',
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  return {
    socketPath: `${root}${SOCKET}`,
    logged: (message, times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (lines.filter((line) => line.includes(`"${message}"`)).length < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
