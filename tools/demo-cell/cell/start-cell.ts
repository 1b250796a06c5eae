import { membershipOf } from '../cgroups/processes.ts';
import { cellOf, type Cell } from './cell.ts';
import { makeDirectory } from '../cgroups/cgroup-tree.ts';
import { mountLines } from './mounts.ts';
import { CellProcess, enterArguments, enterForPeople } from './cell-process.ts';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInBackground, type StartProcess } from '../gdn/cell-program.ts';
import type { CellNetwork } from '../gdn/config.ts';
import { GardenProcess } from '../gdn/garden-process.ts';
import {
  cellHierarchies,
  ownMode,
  shown,
  type CellHierarchy,
  cgroupMountPoints,
  hostHierarchies,
  readHostTable,
  type CellMode,
} from '../cgroups/hierarchies.ts';
import { removeLeftovers, baseOf, makeBases, removeRun, makeRunId } from './runs.ts';
import { otherCgroups } from './other-cgroups.ts';
import { servicePath, type CellShape, type RootedHierarchy } from '../cgroups/cgroup-paths.ts';
import { whyNoCell } from './requirements.ts';

const READY_DEADLINE_SECONDS = 20;

export interface CellOptions {
  /** The mode that the cell's mount table shows; `auto` is the machine's own. */
  readonly mode: CellMode | 'auto';
  readonly layout: CellShape['layout'];
  readonly runtime: CellShape['runtime'];
  readonly reversed: boolean;
  /** Adds a second full set of cgroup mounts at /tmp/cgroups-<tag>. */
  readonly tag: string | null;
  /** Mounts each container's cgroups in its root filesystem, visible in the cell's table. */
  readonly containerMounts: boolean;
  readonly cgroupNamespace: 'host' | 'private';
  /** `silk`: the cell and each container have a network of their own, as silk makes it. */
  readonly network: CellNetwork;
  /** The beginning of the run id, for people. */
  readonly label: string;
}

const PLAIN_CELL: CellOptions = {
  mode: 'auto',
  layout: 'plain',
  runtime: 'containerd',
  reversed: false,
  tag: null,
  containerMounts: false,
  cgroupNamespace: 'host',
  network: 'host',
  label: 'test',
};

/**
 * Builds a cell on this machine: namespaces, mounts, and a gdn with its API. A failure leaves
 * nothing behind.
 * @throws KnownFailure NEEDS_ROOT, NEEDS_LINUX, DEMO_FAILED
 */
export async function startCell(options: Partial<CellOptions> = {}): Promise<Cell> {
  const wanted = { ...PLAIN_CELL, ...options };
  const obstacle = whyNoCell(wanted.mode);
  if (obstacle !== null) throw obstacle;
  await removeLeftovers();
  const table = readHostTable();
  const host = hostHierarchies(table);
  const mode = wanted.mode === 'auto' ? ownMode(host) : wanted.mode;
  const all = cellHierarchies(mode, host);
  const lines = mountLines({
    inherited: cgroupMountPoints(table),
    hierarchies: shown(all),
    reversed: wanted.reversed,
    tag: wanted.tag,
    keepVisible: directoriesToKeep(),
  });
  const runId = makeRunId(wanted.label);
  let process: CellProcess | null = null;
  const dispose = async (): Promise<void> => {
    await process?.stop();
    await removeRun(host, runId);
  };
  try {
    const bases = makeBases(host, runId);
    process = await CellProcess.start(lines, wanted, bases, READY_DEADLINE_SECONDS);
    return await furnish(process, { runId, all, mode, wanted, dispose });
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Plan {
  readonly runId: string;
  readonly all: readonly CellHierarchy[];
  readonly mode: CellMode;
  readonly wanted: CellOptions;
  readonly dispose: () => Promise<void>;
}

/** Starts gdn in a cell whose mount table is complete. */
async function furnish(process: CellProcess, plan: Plan): Promise<Cell> {
  const { runId, all, mode, wanted, dispose } = plan;
  const shape = { mode, layout: wanted.layout, runtime: wanted.runtime };
  const { rootPid } = process;
  const rooted = all.map((tree) => ({ ...tree, root: baseOf(tree, runId) }));
  const hierarchies = rooted.filter(({ directory }) => directory !== null);
  const hidden = rooted.filter(({ directory }) => directory === null).map(({ root }) => root);
  // Also in hierarchies that it does not mount: no process stays in the driver's cgroups.
  const enterCgroups = (directories: readonly string[]): readonly string[] =>
    enterArguments(rootPid, wanted, [...hidden, ...directories]);
  const startIn =
    (directories: readonly string[]): StartProcess =>
    (log, command) =>
      runInBackground(enterCgroups(directories), log, command);
  const gdnCgroups = hierarchies.map((tree) => tree.root + servicePath(tree));
  gdnCgroups.forEach(makeDirectory);
  const garden = new GardenProcess(
    startIn(gdnCgroups),
    `/proc/${rootPid}/root`,
    {
      shape,
      hierarchies: seenInCell(rootPid, all, wanted.cgroupNamespace),
      containerMounts: wanted.containerMounts,
      network: wanted.network,
    },
    gdnCgroups.find((path) => path.endsWith('.service')) ?? '',
  );
  await garden.start();
  return cellOf({
    runId,
    shape,
    hierarchies,
    process,
    garden,
    others: otherCgroups(hierarchies, startIn),
    enter: enterCgroups(hierarchies.map(({ root }) => root)),
    enterForPeople: enterForPeople(rootPid, wanted),
    enterButNetwork: enterForPeople(rootPid, { ...wanted, network: 'host' }),
    dispose,
  });
}

/** With their roots as the cell sees them: in a private namespace its own cgroup is the top. */
function seenInCell(
  rootPid: number,
  hierarchies: readonly CellHierarchy[],
  cgroupNamespace: 'host' | 'private',
): readonly RootedHierarchy[] {
  const membership = membershipOf(rootPid);
  return shown(hierarchies).map(({ key, version, controllers, name, directory }) => {
    const point = directory === '' ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${directory ?? ''}`;
    const below = cgroupNamespace === 'private' ? '' : (membership[key.split(',')[0] ?? ''] ?? '');
    return { key, version, controllers, name, root: point + below };
  });
}

/** The directories that must stay visible in the cell: this project and its node. */
function directoriesToKeep(): readonly string[] {
  const project = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
  const node = dirname(process.execPath);
  return node === project || node.startsWith(`${project}/`) ? [project] : [project, node];
}
