import { scanAtOnce } from '../../src/probe/cgroup-scan.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readMounts } from '../../src/probe/mount-probe.ts';
import { processesNamed } from '../../src/probe/processes.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { planScan } from '../../src/reconcile/scan-plan.ts';
import type { Scan } from '../../src/model/sighting.ts';

/** The scan of the primary hierarchy of the cell that we are in. */
export interface PrimaryScan {
  /** The top of the cell's own part of the hierarchy, and the directory in it that holds the containers. */
  readonly top: string;
  readonly garden: string;
  run(): Scan;
}

export function primaryScan(): PrimaryScan {
  const reader = new KernelReader('/');
  const gardenProcesses = processesNamed(reader, 'gdn');
  const { primary } = resolveHierarchies(readMounts('/'), gardenProcesses);
  if (primary === null) throw new Error('this cell has no primary hierarchy');
  const plan = planScan(primary, gardenProcesses);
  return {
    top: plan.openedAt + plan.scope,
    // Below gdn's own cgroup; on v2 beside it, where the plan looks first.
    garden: plan.openedAt + (primary.controller === 'v2' ? plan.first[0] : plan.first.at(-1)),
    run: () => scanAtOnce(reader, plan),
  };
}

/** The number of members that a scan saw: equal work finds equally many. */
export const membersIn = (scan: Scan): number =>
  scan.kind === 'seen' ? scan.directories.reduce((sum, { pids }) => sum + pids.length, 0) : 0;
