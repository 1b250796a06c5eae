import { demoFailed } from '../cgroups/processes.ts';
import { execa } from 'execa';
import type { CellProcess } from './cell-process.ts';
import { containerCgroups } from '../cgroups/container-cgroups.ts';
import {
  recordOf,
  type ContainerSpec,
  type ContainerRecord,
  instanceHandle,
} from '../cgroups/container-spec.ts';
import type { NetworkPluginMode } from '../gdn/network-plugin.ts';
import { mustAsk } from '../gdn/control.ts';
import { GARDEN_SOCKET } from '../gdn/config.ts';
import type { GardenProcess } from '../gdn/garden-process.ts';
import { inParallel } from '../in-parallel.ts';
import type { OtherCgroups } from './other-cgroups.ts';
import type { CellShape, RootedHierarchy } from '../cgroups/cgroup-paths.ts';

const CREATE_DEADLINE_MILLISECONDS = 30_000;

export interface CellParts {
  readonly runId: string;
  readonly shape: CellShape;
  /** The hierarchies that the cell mounts, with their roots as the machine sees them. */
  readonly hierarchies: readonly RootedHierarchy[];
  readonly process: Pick<CellProcess, 'rootPid' | 'keep'>;
  readonly garden: GardenProcess;
  readonly others: OtherCgroups;
  /** The prefix of a command that runs in the cell's namespaces and cgroups. */
  readonly enter: readonly string[];
  /** The same for people: shorter, but the command stays in the caller's cgroups. */
  readonly enterForPeople: readonly string[];
  /** The prefix of a command that keeps the network of the machine. */
  readonly enterButNetwork: readonly string[];
  /** Removes every trace of the cell; rejects if something stays. */
  readonly dispose: () => Promise<void>;
}

export type Cell = ReturnType<typeof cellOf>;

/** A running cell, and everything that can happen on it. */
export function cellOf({ shape, process, dispose, ...parts }: CellParts) {
  const { garden, hierarchies, others } = parts;
  const { rootPid } = process;
  const cgroups = containerCgroups(shape, hierarchies);
  const records = new Map<string, ContainerRecord>();
  let churned = 0;

  const outside = (path: string): string => `/proc/${rootPid}/root${path}`;
  const socketPath = outside(GARDEN_SOCKET);

  const recordNamed = (handle: string): ContainerRecord => {
    const record = records.get(handle);
    if (record !== undefined) return record;
    throw demoFailed(`this cell has made no container ${JSON.stringify(handle)}`);
  };
  const orderAbout = (order: 'forget' | 'mount-cgroups' | 'lose-properties') => (handle: string) =>
    garden.control({ do: order, handle: recordNamed(handle).handle });
  const throttle = (handle: string): void => cgroups.moveThrottled(recordNamed(handle), 'bad');
  const setNetworkPlugin = (mode: NetworkPluginMode): Promise<void> =>
    garden.control({ do: 'set-network-plugin', mode });

  const create = async (spec: ContainerSpec): Promise<void> => {
    const record = recordOf(spec);
    await garden.control({ do: 'create', record }, CREATE_DEADLINE_MILLISECONDS);
    records.set(spec.handle, record);
    if (spec.throttled === true) throttle(spec.handle);
  };
  const destroy = async (handle: string): Promise<void> => {
    await mustAsk(socketPath, {
      method: 'DELETE',
      path: `/containers/${encodeURIComponent(handle)}`,
      deadlineMilliseconds: CREATE_DEADLINE_MILLISECONDS,
    });
    records.delete(handle);
  };

  return {
    ...parts,
    rootPid,
    socketPath,
    gardenSocketInCell: GARDEN_SOCKET,
    mode: shape.mode,
    /** A stand-in for Diego's rep. Only the driver starts it. */
    rep: others.rep(outside('')),
    /** The machine's path of a file in the cell. An absolute link in it leads out of the cell. */
    outside,
    /** Resolves when Garden calls the container created. */
    create,
    createMany: async (count: number, seed = 'many'): Promise<readonly string[]> => {
      const deadlineMilliseconds = CREATE_DEADLINE_MILLISECONDS + count * 50;
      await garden.control({ do: 'fill-pool', count }, deadlineMilliseconds);
      const handles = Array.from({ length: count }, (_, n) => instanceHandle(`${seed} ${n}`));
      await inParallel(handles, 8, (handle) => create({ handle, kind: 'app', cheap: true }));
      return handles;
    },
    /** Destroys through Garden's API. Resolves when the handle is no longer listed. */
    destroy,
    churn: async (count: number, { parallel = 4, cheap = true } = {}): Promise<void> => {
      const first = churned;
      churned += count;
      const handles = Array.from({ length: count }, (_, n) => instanceHandle(`churn ${first + n}`));
      await inParallel(handles, parallel, async (handle) => {
        await create({ handle, kind: 'app', cheap });
        await destroy(handle);
      });
    },
    /** The processes of a container, as pids of the machine. */
    pids: (handle: string) => cgroups.pids(recordNamed(handle)),
    /** Kills all its processes. Garden still lists it, and its cgroups stay. */
    kill: (handle: string) => cgroups.kill(recordNamed(handle)),
    /** Garden loses the container, as if containerd had lost its metadata; its cgroups stay. */
    forget: orderAbout('forget'),
    /** Mounts its cgroups in its root filesystem, as the option `containerMounts` does from the start. */
    mountCgroups: orderAbout('mount-cgroups'),
    /** Makes Garden lose only its properties, so that Diego no longer sees it. */
    loseOwner: orderAbout('lose-properties'),
    /** As if the network plugin had failed in the destroy: listed, without process and cgroup. */
    stickInDestroy: (handle: string) => cgroups.remove(recordNamed(handle)),
    /** How the network plugin responds to creates and destroys. A hanging one fails at its end. */
    setNetworkPlugin,
    /** Moves its processes out of their cgroup of one controller, or of `all`; they keep running. */
    moveOut: (handle: string, controller: string) =>
      cgroups.moveOut(recordNamed(handle), controller),
    throttle,
    unthrottle: (handle: string) => cgroups.moveThrottled(recordNamed(handle), 'good'),
    /** Keeps the cell after this process ends; `kill -9 <rootPid>` then removes every trace of it. */
    keep: () => process.keep(),
    stop: dispose,
  };
}

export async function withCell<T>(
  start: Promise<Cell>,
  use: (cell: Cell) => Promise<T>,
): Promise<T> {
  const cell = await start;
  try {
    return await use(cell);
  } finally {
    await cell.stop();
  }
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const DEADLINE_MILLISECONDS = 600_000;

/**
 * Runs a command in the cell's namespaces and cgroups, like a user who is logged in to it.
 * @throws KnownFailure DEMO_FAILED if it did not start, or a signal ended it
 */
export async function runInCell(
  cell: Pick<Cell, 'enter'>,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const [file = 'nsenter', ...before] = cell.enter;
  const result = await execa(file, [...before, ...command], {
    env,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    timeout: DEADLINE_MILLISECONDS,
  });
  const { stdout, stderr, exitCode } = result;
  if (exitCode !== undefined) return { stdout, stderr, exitCode };
  const why = result.signal ?? result.code ?? 'it did not start';
  throw demoFailed(`${command.join(' ').slice(0, 500)}: ${why} ${stderr}`.trim());
}
