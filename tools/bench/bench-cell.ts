import { mkdirSync } from 'node:fs';
import type { Cell } from '../../src/demo-cell/cell.ts';
import { containerPlace, type CellShape } from '../../src/demo-cell/places.ts';
import { startCell } from '../../src/demo-cell/start-cell.ts';

/** runc keeps a container's processes in the directory of its name: what C reads flat is then what the scan reads. */
const SHAPE = { layout: 'plain', runtime: 'runc' } as const;

/** A cell for the time of `use`. When the run is stopped the cell ends at once, and with it what runs in it. */
export async function inBenchCell(
  stop: AbortSignal,
  use: (cell: Cell) => Promise<void>,
): Promise<void> {
  stop.throwIfAborted();
  const cell = await startCell({ ...SHAPE, label: 'bench' });
  const end = (): void => void cell.stop().catch(() => undefined);
  stop.addEventListener('abort', end);
  try {
    stop.throwIfAborted();
    await use(cell);
  } finally {
    stop.removeEventListener('abort', end);
    await cell.stop();
  }
}

/** Empty directories of containers that are gone, in the hierarchy that is scanned. */
export function leaveDead(cell: Cell, count: number): void {
  const shape: CellShape = { ...SHAPE, mode: cell.mode };
  const tree =
    cell.mode === 'v2'
      ? cell.hierarchies.find(({ version }) => version === 2)
      : cell.hierarchies.find(({ controllers }) => controllers.includes('memory'));
  if (tree === undefined) throw new Error('this cell has no hierarchy that is scanned first');
  for (let n = 0; n < count; n++) {
    const container = { handle: `dead-${n}`, privileged: false };
    mkdirSync(tree.root + containerPlace(tree, shape, container).directory);
  }
}
