import { createHash } from 'node:crypto';
import { makeDirectory } from '../cgroups/cgroup-tree.ts';
import type { StartProcess } from '../gdn/cell-program.ts';
import {
  containerPaths,
  servicePath,
  type CellShape,
  type RootedHierarchy,
} from '../cgroups/cgroup-paths.ts';
import { IDLE_REP, JOB, NOTHING } from '../gdn/programs.ts';
import { RepProcess } from '../rep/rep-process.ts';

/** The three ways in which bpm names its cgroup (bpm cgroups/cgroup.go:132-170). */
export type BpmScheme =
  /** No systemd: `bpm-<job>` below the caller's cgroup. */
  | 'cgroupfs'
  /** systemd, bpm before 1.4.33: `system.slice/runc-bpm-<job>.scope`. */
  | 'scope'
  /** systemd, bpm since 1.4.33: `system.slice/monit-service-bpm-bpm-<job>.scope`. */
  | 'unique-scope';

/** Other cgroups of a cell: of programs that run beside Garden's containers, or left behind. */
export class OtherCgroups {
  readonly #shape: CellShape;
  readonly #hierarchies: readonly RootedHierarchy[];
  /** Starts a process in the cell and in these cgroups. */
  readonly #startIn: (directories: readonly string[]) => StartProcess;

  constructor(
    shape: CellShape,
    hierarchies: readonly RootedHierarchy[],
    startIn: (directories: readonly string[]) => StartProcess,
  ) {
    this.#shape = shape;
    this.#hierarchies = hierarchies;
    this.#startIn = startIn;
  }

  /** Makes an empty directory in the place of a container's. */
  leaveDirectory(name: string): void {
    for (const tree of this.#hierarchies) {
      const { directory } = containerPaths(tree, this.#shape, { handle: name, privileged: false });
      makeDirectory(tree.root + directory);
    }
  }

  bpmJob(job: string, scheme: BpmScheme): Promise<void> {
    return this.#startJob(bpmPath(job, scheme), job === 'rep' ? IDLE_REP : JOB);
  }

  /** A program as a job of bpm, in its cgroups. */
  bpmProgram(job: string, log: string, command: readonly string[]): Promise<number> {
    return this.#start(bpmPath(job, 'scope'), log, command);
  }

  /** A stand-in for Diego's rep, not started, in the cgroups of its bpm job. */
  rep(cellRoot: string, scheme: BpmScheme = 'scope'): RepProcess {
    const pathOf = bpmPath('rep', scheme);
    const cgroups = this.#hierarchies.map((tree) => tree.root + pathOf(tree));
    return new RepProcess(this.#startIn(cgroups), cellRoot, cgroups);
  }

  /** Docker's two cgroup drivers: a systemd scope, or `/docker/<id>`. */
  dockerScope(driver: 'systemd' | 'cgroupfs' = 'systemd'): Promise<void> {
    const id = createHash('sha256').update('registry').digest('hex');
    return driver === 'systemd'
      ? this.#startInSlice(`docker-${id}.scope`)
      : this.#startJob(() => `/docker/${id}`);
  }

  systemdUnit(unit = 'ssh.service'): Promise<void> {
    return this.#startInSlice(unit);
  }

  #startInSlice(unit: string): Promise<void> {
    return this.#startJob(inSlice(unit));
  }

  async #startJob(pathOf: PathOf, program = JOB): Promise<void> {
    const command = ['sh', '-c', 'exec "$1" <>"$2"', 'sh', program, NOTHING];
    await this.#start(pathOf, '/var/vcap/sys/log/job.log', command);
  }

  #start(pathOf: PathOf, log: string, command: readonly string[]): Promise<number> {
    const directories = this.#hierarchies.map((tree) => tree.root + pathOf(tree));
    directories.forEach(makeDirectory);
    return this.#startIn(directories)(log, command);
  }
}

type PathOf = (tree: RootedHierarchy) => string;

/** systemd gives a unit its own cgroup in the same hierarchies as garden.service. */
const inSlice =
  (unit: string): PathOf =>
  (tree) =>
    servicePath(tree) === '' ? '' : `/system.slice/${unit}`;

function bpmPath(job: string, scheme: BpmScheme): PathOf {
  const name = `bpm-${job}`;
  if (scheme === 'cgroupfs') return () => `/${name}`;
  return inSlice(scheme === 'scope' ? `runc-${name}.scope` : `monit-service-bpm-${name}.scope`);
}
