import { execa } from 'execa';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cell, runInCell } from '../../src/demo-cell/cell/cell.ts';
import { serveLocally, type LocalServer, Arrivals } from '../local-server.ts';

/** Inside the cell, which has its own /var/vcap. */
const FOLDER = '/var/vcap/data/agent';
const SOCKET = `${FOLDER}/rollcall.sock`;
const CONFIG = `${FOLDER}/config.json`;
const MAX_SECONDS = 60;

export interface CellAgent {
  /** Its status socket, as a path of the machine. */
  readonly socketPath: string;
  /**
   * Resolves when it has logged this message this many times. Rejects if it exits before, or does
   * not log it within a minute.
   */
  logged(message: string, times: number): Promise<unknown>;
}

/**
 * Starts the agent in a cell, with short intervals, and with a name that a cell of a foundation
 * could have. It ends with the cell.
 */
export async function startCellAgent(cell: Cell, main: string): Promise<CellAgent> {
  const config = {
    reconcile: { intervalSeconds: 1, gracePeriodSeconds: 1 },
    metrics: { port: 0 },
    status: { socketPath: SOCKET },
    memory: { path: `${FOLDER}/memory.json` },
  };
  await runInCell(cell, ['mkdir', '-p', FOLDER]);
  writeFileSync(cell.outside(CONFIG), JSON.stringify(config));
  const [file = '', ...enter] = cell.enter;
  const named = ['unshare', '--uts', 'sh', '-c', 'hostname diego-cell-7; exec "$@"', 'sh'];
  const agent = [process.execPath, main, 'agent', '--config', CONFIG];
  const child = execa(file, [...enter, ...named, ...agent], {
    buffer: false,
    reject: false,
    stderr: 'inherit',
  });
  const lines = new Arrivals<string>();
  createInterface({ input: child.stdout })
    .on('line', (line) => lines.add(line))
    .on('close', () => lines.end(new Error('the agent exited: see its errors above')));
  const late = async (message: string): Promise<never> => {
    await sleep(MAX_SECONDS * 1000, undefined, { ref: false });
    throw new Error(`the agent did not log ${message} within ${MAX_SECONDS} seconds`);
  };
  return {
    socketPath: cell.outside(SOCKET),
    logged: (message, times) =>
      Promise.race([lines.until((line) => line.includes(`"${message}"`), times), late(message)]),
  };
}

/**
 * Makes a unix socket available to a browser, which cannot open one; for people,
 * `bosh ssh --opts=-L…` does the same.
 */
export const proxyTo = (socketPath: string): Promise<LocalServer> =>
  serveLocally((asked, response) => {
    request({ socketPath, path: asked.url, method: asked.method }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    })
      .on('error', () => response.destroy())
      .end();
  });
