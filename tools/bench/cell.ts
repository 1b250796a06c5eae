import path from 'node:path';
import * as v from 'valibot';
import { type Cell, runInCell } from '../demo-cell/cell/cell.ts';
import { instanceHandle } from '../demo-cell/cgroups/container-spec.ts';
import { inParallel } from '../demo-cell/in-parallel.ts';
import { startCell } from '../demo-cell/cell/start-cell.ts';
import { root } from '../bootstrap/place.mjs';

const IN_CELL = path.join(root, 'tools/bench/in-cell.ts');
const AT_ONCE = 4;

/** A cell until it is stopped; an interruption, too, ends it and all that is in it. */
export async function startBenchCell(stop: AbortSignal): Promise<Cell> {
  stop.throwIfAborted();
  const cell = await startCell({ layout: 'plain', runtime: 'containerd', label: 'bench' });
  stop.addEventListener('abort', () => void cell.stop().catch(() => undefined));
  return cell;
}

/**
 * Creates app instances as Diego does, with six processes each: garden-init, the app, its child
 * process, its ssh daemon, Envoy and a health check. Each has a root filesystem, and the dadoo and
 * the shim that Garden runs for it. A rep runs, as on every cell with apps.
 */
export async function createApps(cell: Cell, count: number): Promise<readonly string[]> {
  await cell.rep.start({ retryMilliseconds: 30_000 });
  const handles = Array.from({ length: count }, (_, n) => instanceHandle(`app ${n}`));
  await inParallel(handles, AT_ONCE, (handle) =>
    cell.create({ handle, kind: 'app', processes: 3, peas: ['envoy', 'liveness-healthcheck'] }),
  );
  return handles;
}

const samples = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.array(v.number())));

/** Runs a job of in-cell.ts in a process of its own in the cell. */
export async function runJob(
  cell: Cell,
  ...job: readonly string[]
): Promise<v.InferOutput<typeof samples>> {
  const { stdout, stderr, exitCode } = await runInCell(cell, [process.execPath, IN_CELL, ...job]);
  if (exitCode !== 0) throw new Error(`${job[0] ?? ''} exited with ${exitCode}: ${stderr}`);
  return v.parse(samples, stdout);
}
