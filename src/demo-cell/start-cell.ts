import { existsSync, readFileSync } from 'node:fs';
import { KnownFailure } from '../model/failure.ts';
import { Cell } from './cell.ts';
import { makeDirectory } from './cgroup-tree.ts';
import { mountSteps } from './cell-mounts.ts';
import { PLAIN_CELL, type CellOptions } from './cell-options.ts';
import { CellProcess } from './cell-process.ts';
import { directoriesToKeep } from './entry.ts';
import { GardenProcess } from './garden-process.ts';
import { cellHierarchies, resolveMode, shown, type CellHierarchy } from './hierarchies.ts';
import {
  cgroupMountPoints,
  controllersOf,
  hostHierarchies,
  readHostTables,
  type HostHierarchy,
} from './host-hierarchies.ts';
import { removeLeftovers } from './leftovers.ts';
import { OtherCgroups } from './other-cgroups.ts';
import { enterArguments, enterForPeople } from './pid-one.ts';
import { gardenServer, type CellShape, type RootedHierarchy } from './places.ts';
import { whyNoCell } from './requirements.ts';
import { baseOf, makeBases, remainsOf, removeRun } from './run-cgroups.ts';
import { makeRunId } from './run-id.ts';

/**
 * Builds a cell on this machine: namespaces, mounts, a gdn with its API. Options not given are those of PLAIN_CELL. Errors
 * are KnownFailures (NEEDS_ROOT, NEEDS_LINUX, NO_CGROUP_MOUNT, DEMO_FAILED); after one, nothing of the cell is left.
 */
export async function startCell(options: Partial<CellOptions> = {}): Promise<Cell> {
  const wanted = { ...PLAIN_CELL, ...options };
  const obstacle = whyNoCell();
  if (obstacle !== null) throw obstacle;
  await removeLeftovers();
  const tables = readHostTables();
  const host = hostHierarchies(tables);
  const mode = resolveMode(wanted.mode, host);
  const all = cellHierarchies(mode, host);
  const steps = mountSteps({
    inherited: cgroupMountPoints(tables),
    hierarchies: shown(all),
    reversed: wanted.reversed,
    tag: wanted.tag,
    controllerOrder: controllersOf(tables.cgroups),
    hasVcap: existsSync('/var/vcap'),
    keepVisible: directoriesToKeep(),
  });
  const runId = makeRunId(wanted.label);
  try {
    const bases = makeBases(host, runId);
    const process = await CellProcess.start(steps, wanted.cgroupNamespace, bases);
    return await furnish(process, { runId, host, all, shape: { ...wanted, mode }, wanted });
  } catch (error) {
    await removeRun(host, runId);
    throw error;
  }
}

interface Plan {
  readonly runId: string;
  readonly host: readonly HostHierarchy[];
  readonly all: readonly CellHierarchy[];
  readonly shape: CellShape;
  readonly wanted: CellOptions;
}

/** Starts gdn in a cell whose mount table stands. */
async function furnish(process: CellProcess, plan: Plan): Promise<Cell> {
  const { runId, host, all, wanted } = plan;
  const { mode, layout, runtime } = plan.shape;
  const shape = { mode, layout, runtime };
  const { rootPid } = process;
  const rooted = all.map((tree) => ({
    ...tree,
    root: baseOf({ mountPoint: tree.hostMountPoint }, runId),
  }));
  const hierarchies = rooted.filter(({ directory }) => directory !== null);
  const hidden = rooted.filter(({ directory }) => directory === null).map(({ root }) => root);
  // Also what the cell does not mount holds its processes: nothing of it may stay in the driver's own cgroups.
  const enterCgroups = (directories: readonly string[]): readonly string[] =>
    enterArguments(rootPid, wanted.cgroupNamespace, [...hidden, ...directories]);
  const places = hierarchies.map((tree) => tree.root + gardenServer(tree));
  const garden = new GardenProcess(
    enterCgroups(places),
    `/proc/${rootPid}/root`,
    {
      shape,
      hierarchies: seenInCell(rootPid, all, wanted.cgroupNamespace),
      containerMounts: wanted.containerMounts,
    },
    places.find((place) => place.endsWith('.service')) ?? '',
  );
  const dispose = async (): Promise<void> => {
    await process.stop();
    await removeRun(host, runId);
    const remains = remainsOf(host, runId);
    if (remains.length === 0) return;
    throw new KnownFailure('DEMO_FAILED', `the cell left ${remains.join(', ')} behind`);
  };
  try {
    places.forEach(makeDirectory);
    await garden.start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return new Cell({
    runId,
    shape,
    hierarchies,
    process,
    garden,
    others: new OtherCgroups(shape, hierarchies, enterCgroups),
    enter: enterCgroups(hierarchies.map(({ root }) => root)),
    enterForPeople: enterForPeople(rootPid, wanted.cgroupNamespace),
    dispose,
  });
}

/** The same hierarchies with their roots as the cell sees them: in a private namespace its own cgroup is the top. */
function seenInCell(
  rootPid: number,
  hierarchies: readonly CellHierarchy[],
  cgroupNamespace: 'host' | 'private',
): readonly RootedHierarchy[] {
  const membership = new Map(
    readFileSync(`/proc/${rootPid}/cgroup`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
        return [controllers === '' ? 'v2' : controllers, path];
      }),
  );
  return shown(hierarchies).map(({ key, version, controllers, name, directory }) => {
    const point = directory === '' ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${directory ?? ''}`;
    const below = cgroupNamespace === 'private' ? '' : (membership.get(key) ?? '');
    return { key, version, controllers, name, root: point + below };
  });
}
