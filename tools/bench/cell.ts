import { mkdirSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { type Cell, runInCell } from '../../src/demo-cell/cell/cell.ts';
import { instanceHandle } from '../../src/demo-cell/cgroups/container-spec.ts';
import { containerPaths, type CellShape } from '../../src/demo-cell/cgroups/cgroup-paths.ts';
import { inParallel } from '../../src/demo-cell/in-parallel.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { root } from '../bootstrap/place.mjs';

const MEASURE = path.join(root, 'tools/bench/measure.ts');

const CREATED_AT_ONCE = 4;

/**
 * Provides a cell while `use` runs. If the run is interrupted, the cell and everything in it end at
 * once.
 */
export async function inBenchCell(
  stop: AbortSignal,
  runtime: CellShape['runtime'],
  use: (cell: Cell) => Promise<void>,
): Promise<void> {
  stop.throwIfAborted();
  const cell = await startCell({ layout: 'plain', runtime, label: 'bench' });
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

/**
 * Creates app instances as Diego does, with six processes each: garden-init, the app, its child
 * process, its ssh daemon, Envoy and a health check. Each has a root filesystem, and the dadoo and
 * the shim that Garden runs for it.
 */
export async function createApps(cell: Cell, count: number): Promise<void> {
  const handles = Array.from({ length: count }, (_, n) => instanceHandle(`app ${n}`));
  await inParallel(handles, CREATED_AT_ONCE, (handle) =>
    cell.create({ handle, kind: 'app', processes: 3, peas: ['envoy', 'liveness-healthcheck'] }),
  );
}

/** Makes empty directories of removed containers in the scanned hierarchy, on a cell with runc. */
export function leaveDead(cell: Cell, count: number): void {
  const shape: CellShape = { layout: 'plain', runtime: 'runc', mode: cell.mode };
  const tree =
    cell.mode === 'v2'
      ? cell.hierarchies.find(({ version }) => version === 2)
      : cell.hierarchies.find(({ controllers }) => controllers.includes('memory'));
  if (tree === undefined) throw new Error('this cell has no primary hierarchy');
  for (let n = 0; n < count; n++) {
    const container = { handle: `dead-${n}`, privileged: false };
    mkdirSync(tree.root + containerPaths(tree, shape, container).directory);
  }
}

/** The types of one measurement of measure.ts: its question, and the result that it prints. */
interface Measurement<Asked extends v.GenericSchema, Result extends v.GenericSchema> {
  readonly name: string;
  readonly asked: Asked;
  readonly result: Result;
}

const Samples = v.array(v.number());
/** The compiled kernel-reads.c; null if there is none. */
const CProgram = v.nullable(v.string());

export const MOUNTINFO = {
  name: 'mountinfo',
  asked: v.object({ program: CProgram, lines: v.number(), rounds: v.number() }),
  result: v.object({
    lines: v.number(),
    bytes: v.number(),
    cgroupMounts: v.number(),
    c: v.object({ read: Samples, parse: Samples, both: Samples }),
    ours: v.object({
      read: Samples,
      parse: Samples,
      both: Samples,
      choose: Samples,
      all: Samples,
      pass: Samples,
    }),
  }),
};

export const SCAN = {
  name: 'scan',
  asked: v.object({
    program: CProgram,
    rounds: v.number(),
    containers: v.number(),
    /** How many times to repeat the flat read through the thread pool, which is slow. */
    asynchronously: v.number(),
  }),
  result: v.object({ flat: Samples, tree: Samples, ours: Samples, asynchronous: Samples }),
};

export const SWEEP = {
  name: 'sweep',
  asked: v.object({ sweeps: v.number() }),
  result: v.object({
    processes: v.number(),
    /** Milliseconds per pass, in the first sweep of an agent and in later ones. */
    first: Samples,
    later: Samples,
    /** Milliseconds of a whole sweep at once, as in a check. */
    whole: Samples,
  }),
};

export const SOAK = {
  name: 'soak',
  asked: v.object({ passes: v.number(), every: v.number() }),
  result: v.array(
    v.object({
      passes: v.number(),
      heapKilobytes: v.number(),
      remembered: v.number(),
      findings: v.number(),
    }),
  ),
};

/** Runs a measurement in a process of its own in the cell. */
export async function measure<Asked extends v.GenericSchema, Result extends v.GenericSchema>(
  cell: Cell,
  { name, result }: Measurement<Asked, Result>,
  asked: v.InferInput<Asked>,
  /** A command that starts the measuring process. */
  through: readonly string[] = [],
): Promise<v.InferOutput<Result>> {
  const command = [...through, process.execPath, MEASURE, name, JSON.stringify(asked)];
  const { stdout, stderr, exitCode } = await runInCell(cell, command);
  if (exitCode !== 0) throw new Error(`the measurement ${name} exited with ${exitCode}: ${stderr}`);
  return v.parse(result, JSON.parse(stdout));
}
