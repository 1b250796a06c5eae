import path from 'node:path';
import * as v from 'valibot';
import { type Cell, runInCell } from '../demo-cell/cell/cell.ts';
import { instanceHandle } from '../demo-cell/cgroups/container-spec.ts';
import type { CellShape } from '../demo-cell/cgroups/cgroup-paths.ts';
import { inParallel } from '../demo-cell/in-parallel.ts';
import { startCell } from '../demo-cell/cell/start-cell.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { CommandLines } from '../../src/probe/command-lines.ts';
import { scanAtOnce } from '../../src/probe/cgroup-scan.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { MountReader } from '../../src/probe/mount-probe.ts';
import { gardenProcesses as readGardenProcesses } from '../../src/probe/processes.ts';
import { planScan } from '../../src/reconcile/observe/scan-plan.ts';
import { root } from '../bootstrap/place.mjs';

const MEASURE = path.join(root, 'tools/bench/measure.ts');

const CREATED_AT_ONCE = 4;

/** Provides a cell while `use` runs. An interruption ends the cell and all that is in it. */
export async function inBenchCell<T>(
  stop: AbortSignal,
  runtime: CellShape['runtime'],
  use: (cell: Cell) => Promise<T>,
): Promise<T> {
  stop.throwIfAborted();
  const cell = await startCell({ layout: 'plain', runtime, label: 'bench' });
  const end = (): void => void cell.stop().catch(() => undefined);
  stop.addEventListener('abort', end);
  try {
    stop.throwIfAborted();
    return await use(cell);
  } finally {
    stop.removeEventListener('abort', end);
    await cell.stop();
  }
}

/**
 * Creates app instances as Diego does, with six processes each: garden-init, the app, its child
 * process, its ssh daemon, Envoy and a health check. Each has a root filesystem, and the dadoo and
 * the shim that Garden runs for it. A rep runs, as on every cell with apps.
 */
export async function createApps(cell: Cell, count: number): Promise<readonly string[]> {
  await cell.rep.start({ retryMilliseconds: 30_000 });
  const handles = Array.from({ length: count }, (_, n) => instanceHandle(`app ${n}`));
  await inParallel(handles, CREATED_AT_ONCE, (handle) =>
    cell.create({ handle, kind: 'app', processes: 3, peas: ['envoy', 'liveness-healthcheck'] }),
  );
  return handles;
}

export type Measured = Readonly<Record<string, readonly number[]>>;

/** Runs a measurement of measure.ts in a process of its own in the cell. */
export async function measure(
  cell: Cell,
  name: string,
  program: string,
  /** A command that starts the measuring process. */
  through: readonly string[] = [],
): Promise<(quantity: string) => readonly number[]> {
  const command = [...through, process.execPath, MEASURE, name, program];
  const { stdout, stderr, exitCode } = await runInCell(cell, command);
  if (exitCode !== 0) throw new Error(`the measurement ${name} exited with ${exitCode}: ${stderr}`);
  const schema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.array(v.number())));
  const measured = v.parse(schema, stdout);
  return (quantity) => measured[quantity] ?? [];
}

/**
 * The scan of the primary hierarchy of the surrounding cell, for a measurement in it, and the top of
 * the cell's own part of the hierarchy.
 */
export async function primaryScan() {
  const reader = new KernelReader('/');
  const gardenProcesses = await readGardenProcesses(reader, new CommandLines(reader, shownCommand));
  const mounts = new MountReader('/').read();
  const { primary } = resolveHierarchies(mounts, gardenProcesses, null);
  if (primary === null) throw new Error('this cell has no primary hierarchy');
  const plan = planScan(primary, { gardenProcesses, mounts }, null);
  return { top: plan.openedAt + plan.scope, run: () => scanAtOnce(reader, plan) };
}
