import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { CellShape } from '../../tools/demo-cell/cgroups/cgroup-paths.ts';
import type { ReportJson } from './rollcall.ts';

/** Where a machine with cgroup v2 alone has its cgroups. */
const TREE = '/sys/fs/cgroup';
const MiB = 1024 * 1024;
export const LIMITS = { memory: 16 * MiB, pids: 10 };
/** What is in it is charged to the cgroup of who wrote it, and outlives that process. */
const HELD = '/dev/shm/rollcall-held';

/** A file of a cgroup, by its path in the tree. */
export const writeTo = (file: string, text: string): void => writeFileSync(TREE + file, text);
export const numberIn = (file: string): number => Number(readFileSync(TREE + file, 'utf8'));

/** A container with the limits that runc gives it; containerd limits the pids of its leaf. */
export async function createLimited(
  cell: Cell,
  handle: string,
  runtime: CellShape['runtime'],
): Promise<void> {
  await cell.create({ handle, kind: 'app' });
  const good = `/garden/good/${handle}`;
  const hasLeaf = runtime === 'containerd';
  const parents = ['', '/garden', '/garden/good', '/garden/bad', ...(hasLeaf ? [good] : [])];
  for (const parent of parents) writeTo(`${parent}/cgroup.subtree_control`, '+memory +pids');
  writeTo(`${good}/memory.max`, `${LIMITS.memory}`);
  writeTo(`${good}${hasLeaf ? '/init' : ''}/pids.max`, `${LIMITS.pids}`);
}

/** Takes so much memory as a member of this cgroup; `free` gives it back. */
export function hold(cgroup: string, megabytes: number): void {
  const script = 'echo 0 >"$1/cgroup.procs" && exec dd if=/dev/zero of="$2" bs=1M count="$3"';
  const args = ['-c', script, 'sh', TREE + cgroup, HELD, `${megabytes}`];
  execFileSync('sh', args, { stdio: 'ignore' });
}

export const free = (): void => rmSync(HELD, { force: true });

/** The warnings of the cell: reason, how many containers, and the one that is nearest its limit. */
export const warningsOf = ({ cell }: ReportJson): readonly string[] =>
  cell.warnings.map(({ reason, containers, worst }) => `${reason} ${containers} ${worst}`);
