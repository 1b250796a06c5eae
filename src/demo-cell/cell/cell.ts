import { demoFailed } from '../cgroups/processes.ts';
import { execa } from 'execa';
import type { CellProcess } from './cell-process.ts';
import { ContainerCgroups } from '../cgroups/container-cgroups.ts';
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
import type { CellMode } from '../cgroups/hierarchies.ts';
import type { OtherCgroups } from './other-cgroups.ts';
import type { RepProcess } from '../rep/rep-process.ts';
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
  readonly enter: readonly string[];
  readonly enterForPeople: readonly string[];
  readonly enterButNetwork: readonly string[];
  /** Removes every trace of the cell; rejects if something stays. */
  readonly dispose: () => Promise<void>;
}

export interface ChurnOptions {
  readonly parallel?: number;
  readonly cheap?: boolean;
}

/** A running cell, and everything that can happen on it. */
export class Cell {
  readonly runId: string;
  readonly rootPid: number;
  readonly socketPath: string;
  readonly gardenSocketInCell = GARDEN_SOCKET;
  readonly mode: CellMode;
  readonly hierarchies: readonly RootedHierarchy[];
  /** The prefix of a command that runs in the cell's namespaces and cgroups. */
  readonly enter: readonly string[];
  /** The same for people: shorter, but the command stays in the caller's cgroups. */
  readonly enterForPeople: readonly string[];
  /** The prefix of a command that keeps the network of the machine. */
  readonly enterButNetwork: readonly string[];
  readonly garden: GardenProcess;
  readonly #parts: CellParts;
  readonly #cgroups: ContainerCgroups;
  readonly others: OtherCgroups;
  /** A stand-in for Diego's rep. Only the driver starts it. */
  readonly rep: RepProcess;
  readonly #records = new Map<string, ContainerRecord>();
  #churned = 0;

  constructor(parts: CellParts) {
    this.#parts = parts;
    this.#cgroups = new ContainerCgroups(parts.shape, parts.hierarchies);
    this.runId = parts.runId;
    this.rootPid = parts.process.rootPid;
    this.socketPath = this.outside(GARDEN_SOCKET);
    this.mode = parts.shape.mode;
    this.hierarchies = parts.hierarchies;
    this.enter = parts.enter;
    this.enterForPeople = parts.enterForPeople;
    this.enterButNetwork = parts.enterButNetwork;
    this.garden = parts.garden;
    this.others = parts.others;
    this.rep = parts.others.rep(this.outside(''));
  }

  /** The machine's path of a file in the cell. An absolute link in it leads out of the cell. */
  outside(path: string): string {
    return `/proc/${this.rootPid}/root${path}`;
  }

  /** Resolves when Garden calls the container created. */
  async create(spec: ContainerSpec): Promise<void> {
    const record = recordOf(spec);
    await this.garden.control({ do: 'create', record }, CREATE_DEADLINE_MILLISECONDS);
    this.#records.set(spec.handle, record);
    if (spec.throttled === true) this.throttle(spec.handle);
  }

  async createMany(count: number, seed = 'many'): Promise<readonly string[]> {
    const deadlineMilliseconds = CREATE_DEADLINE_MILLISECONDS + count * 50;
    await this.garden.control({ do: 'fill-pool', count }, deadlineMilliseconds);
    const handles = Array.from({ length: count }, (_, n) => instanceHandle(`${seed} ${n}`));
    await inParallel(handles, 8, (handle) => this.create({ handle, kind: 'app', cheap: true }));
    return handles;
  }

  /** Destroys through Garden's API. Resolves when the handle is no longer listed. */
  async destroy(handle: string): Promise<void> {
    await mustAsk(this.socketPath, {
      method: 'DELETE',
      path: `/containers/${encodeURIComponent(handle)}`,
      deadlineMilliseconds: CREATE_DEADLINE_MILLISECONDS,
    });
    this.#records.delete(handle);
  }

  /** Destroys it as plugins do that swallow errors: its network and root filesystem stay. */
  async destroyLeaking(handle: string): Promise<void> {
    await this.setNetworkPlugin('leaks');
    await this.garden.control({ do: 'leak-images', leaks: true });
    await this.destroy(handle);
    await this.garden.control({ do: 'leak-images', leaks: false });
    await this.setNetworkPlugin('works');
  }

  async churn(count: number, options: ChurnOptions = {}): Promise<void> {
    const { parallel = 4, cheap = true } = options;
    const first = this.#churned;
    this.#churned += count;
    const handles = Array.from({ length: count }, (_, n) => instanceHandle(`churn ${first + n}`));
    await inParallel(handles, parallel, async (handle) => {
      await this.create({ handle, kind: 'app', cheap });
      await this.destroy(handle);
    });
  }

  /** The processes of a container, as pids of the machine. */
  pids(handle: string): readonly number[] {
    return this.#cgroups.pids(this.#record(handle));
  }

  /** Kills all its processes. Garden still lists it, and its cgroups stay. */
  kill(handle: string): Promise<void> {
    return this.#cgroups.kill(this.#record(handle));
  }

  /** Garden loses the container, as if containerd had lost its metadata; its cgroups stay. */
  forget(handle: string): Promise<void> {
    return this.garden.control({ do: 'forget', handle: this.#record(handle).handle });
  }

  /** Mounts its cgroups in its root filesystem, as the option `containerMounts` does from the start. */
  mountCgroups(handle: string): Promise<void> {
    return this.garden.control({ do: 'mount-cgroups', handle: this.#record(handle).handle });
  }

  /** Makes Garden lose only its properties, so that Diego no longer sees it. */
  loseOwner(handle: string): Promise<void> {
    return this.garden.control({ do: 'lose-properties', handle: this.#record(handle).handle });
  }

  /** As if the network plugin had failed in the destroy: listed, without process and cgroup. */
  stickInDestroy(handle: string): Promise<void> {
    return this.#cgroups.remove(this.#record(handle));
  }

  /** How the network plugin responds to creates and destroys. A hanging one fails at its end. */
  setNetworkPlugin(mode: NetworkPluginMode): Promise<void> {
    return this.garden.control({ do: 'set-network-plugin', mode });
  }

  /** Moves its processes out of their cgroup of one controller, or of `all`; they keep running. */
  moveOut(handle: string, controller: string): void {
    this.#cgroups.moveOut(this.#record(handle), controller);
  }

  throttle(handle: string): void {
    this.#cgroups.moveThrottled(this.#record(handle), 'bad');
  }

  unthrottle(handle: string): void {
    this.#cgroups.moveThrottled(this.#record(handle), 'good');
  }

  /** Keeps the cell after this process ends; `kill -9 <rootPid>` then removes every trace of it. */
  keep(): void {
    this.#parts.process.keep();
  }

  stop(): Promise<void> {
    return this.#parts.dispose();
  }

  #record(handle: string): ContainerRecord {
    const record = this.#records.get(handle);
    if (record !== undefined) return record;
    throw demoFailed(`this cell has made no container ${JSON.stringify(handle)}`);
  }
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
