import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Cell } from '../../src/demo-cell/cell.ts';
import type { CellOptions } from '../../src/demo-cell/cell-options.ts';
import { resolveMode } from '../../src/demo-cell/hierarchies.ts';
import { hostHierarchies, readHostTables } from '../../src/demo-cell/host-hierarchies.ts';
import { whyNoCell } from '../../src/demo-cell/requirements.ts';
import { startCell } from '../../src/demo-cell/start-cell.ts';
import { skip } from '../skip.ts';

/** Skips, with the reason, where no cell of this mode can be built. */
export function needsCell(context: Mocha.Context, mode: CellOptions['mode'] = 'auto'): void {
  const obstacle = whyNoCell();
  if (obstacle !== null) skip(context, obstacle.message);
  try {
    resolveMode(mode, hostHierarchies(readHostTables()));
  } catch (error) {
    skip(context, error instanceof Error ? error.message : String(error));
  }
}

/** A cell for the time of `use`, whatever happens in it. */
export async function inCell(
  options: Partial<CellOptions>,
  use: (cell: Cell) => Promise<void>,
): Promise<void> {
  const cell = await startCell(options);
  try {
    await use(cell);
  } finally {
    await cell.stop();
  }
}

/** GET of Garden's API, parsed. Rejects with the code of the system's error. */
export async function ask(cell: Cell, path: string): Promise<unknown> {
  const body = await new Promise<string>((resolve, reject) => {
    request({ socketPath: cell.socketPath, path, agent: false }, (response) => {
      text(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
  return JSON.parse(body) as unknown;
}

export async function handlesOf(cell: Cell, filter = 'garden.state=all'): Promise<unknown> {
  const answer = (await ask(cell, `/containers?${filter}`)) as { Handles: unknown };
  return answer.Handles;
}
