import { isAtHome } from '../../src/model/homes.ts';
import { asByteString, type ByteString } from '../../src/model/ids.ts';
import type {
  Membership,
  ProcessFacts,
  ProcessInCgroups,
  ProcessSignals,
} from '../../src/model/process.ts';
import type { CgroupDirectory, Walk } from '../../src/model/walk.ts';
import type { MountInputs } from '../../src/model/snapshot.ts';
import { countsFor, type RootImage, type Sweep, type SweepPlan } from '../../src/model/sweep.ts';
import { joinPath, nameOf, parentOf, ROOT } from '../../src/model/paths.ts';
import { mountsOf, process as factsOf } from '../reconcile/cell-builder.ts';

export const LAYOUTS = ['v1', 'v1-throttling', 'v2', 'v2-throttling', 'hybrid'] as const;
export type Layout = (typeof LAYOUTS)[number];

export type Controller = 'memory' | 'cpu' | 'v2';
/** The primary hierarchy comes first. */
const CONTROLLERS: Readonly<Record<Layout, readonly [Controller, ...Controller[]]>> = {
  v1: ['memory', 'cpu'],
  'v1-throttling': ['memory', 'cpu'],
  v2: ['v2'],
  'v2-throttling': ['v2'],
  hybrid: ['memory', 'cpu', 'v2'],
};
const STORE = asByteString('/var/vcap/data/grootfs/store/unprivileged');

export interface MadeProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly startTicks: number;
  readonly comm: string;
  /** Pid in the container; null: not in one. */
  readonly innerPid: number | null;
  /** The handle of the container that it was started in. */
  readonly image: string | null;
  /** Its root is not the one of that container's image. */
  readonly isChrooted: boolean;
  readonly paths: Map<string, string>;
}

/** Processes and cgroups, with what the kernel tells about them. Nothing in it knows Garden. */
export class MadeKernel {
  readonly layout: Layout;
  readonly controllers: readonly Controller[];
  readonly primary: Controller;
  readonly processes = new Map<number, MadeProcess>();
  /** Inodes by controller and path. */
  readonly directories: ReadonlyMap<string, Map<string, number>>;
  /** Paths of threaded cgroups; only v2 has them. */
  readonly threaded = new Set<string>();
  /** Paths that cannot be read, in any hierarchy. */
  readonly unreadable = new Set<string>();
  readonly numbers = new Map<string, number | 'max'>();
  /**
   * Processes that are exiting. From Linux 6.19 on no list shows them; their cgroups are populated.
   */
  readonly exiting = new Set<number>();
  /** Processes that SIGKILL does not end, because they wait in the kernel. */
  readonly killed = new Set<number>();
  /** Milliseconds since boot. */
  now = 100_000;
  #next = 100;
  /**
   * Whether a new directory gets an inode that another one had. Kernels count up, and would begin
   * again after 2³² directories (before Linux 5.5): never at the moment when the other one went.
   */
  givesInodesAgain = false;
  /** By controller: inodes of directories that went, with the time. */
  readonly #freed = new Map<string, Map<number, number>>();

  constructor(layout: Layout) {
    this.layout = layout;
    this.controllers = CONTROLLERS[layout];
    [this.primary] = CONTROLLERS[layout];
    this.directories = new Map(this.controllers.map((name) => [name, new Map([['/', 1]])]));
    this.start({ pid: 1, comm: 'systemd', parentPid: 0 }, () => '/init.scope');
  }

  start(
    facts: Partial<Pick<MadeProcess, 'pid' | 'parentPid' | 'comm' | 'innerPid' | 'image'>>,
    pathIn: (controller: string) => string,
  ): MadeProcess {
    const pid = facts.pid ?? this.#next++;
    const made = {
      pid,
      parentPid: 1,
      startTicks: Math.floor(this.now / 10),
      comm: 'app',
      innerPid: null,
      image: null,
      isChrooted: false,
      ...facts,
      paths: new Map<string, string>(),
    };
    this.processes.set(pid, made);
    this.move(made, pathIn);
    return made;
  }

  move(process: MadeProcess, pathIn: (controller: string) => string): void {
    for (const controller of this.controllers) {
      const path = pathIn(controller);
      this.makeDirectory(controller, path);
      process.paths.set(controller, path);
    }
  }

  makeDirectory(controller: string, path: string): void {
    const known = this.directories.get(controller);
    if (known === undefined || known.has(path)) return;
    this.makeDirectory(controller, parentOf(asByteString(path)));
    known.set(path, this.#freedInode(controller) ?? this.#next++);
  }

  #freedInode(controller: string): number | undefined {
    const freed = this.givesInodesAgain ? this.#freed.get(controller) : undefined;
    const [inode] = [...(freed ?? [])].find(([, at]) => at < this.now) ?? [];
    if (inode !== undefined) freed?.delete(inode);
    return inode;
  }

  /** The processes at or below a path. */
  members(controller: string, path: string): readonly MadeProcess[] {
    return [...this.processes.values()].filter((process) =>
      isAtOrBelow(process.paths.get(controller), path),
    );
  }

  /** As rmdir: only what has no processes and no directories. */
  removeDirectory(path: string): void {
    for (const [controller, known] of this.directories) {
      if (this.members(controller, path).length > 0) continue;
      const freed = this.#freed.get(controller) ?? new Map<number, number>();
      this.#freed.set(controller, freed);
      for (const [at, inode] of [...known].filter(([one]) => isAtOrBelow(one, path))) {
        known.delete(at);
        freed.set(inode, this.now);
      }
    }
  }

  /** Renames a directory; only v1 can. */
  rename(from: string, to: string): void {
    for (const [controller, known] of this.directories) {
      if (controller === 'v2' || !known.has(from) || known.has(to)) continue;
      const renamed = (path: string): string => to + path.slice(from.length);
      for (const process of this.members(controller, from))
        process.paths.set(controller, renamed(process.paths.get(controller) ?? from));
      for (const [path, inode] of [...known].filter(([at]) => isAtOrBelow(at, from))) {
        known.delete(path);
        known.set(renamed(path), inode);
      }
    }
  }

  /** Nothing has a limit, and nothing uses anything, unless a history says so. */
  number(path: string, file: string): number | 'max' {
    if (file === 'cgroup.events') return Math.min(this.members('v2', path).length, 1);
    return this.numbers.get(`${path} ${file}`) ?? (file.endsWith('.max') ? 'max' : 0);
  }

  /** cgroup.procs; of a threaded cgroup only its domain above it has one. */
  procs(controller: string, path: string): readonly number[] | 'ENOTSUP' {
    if (this.threaded.has(path)) return 'ENOTSUP';
    const pids: number[] = [];
    for (const { pid, paths } of this.processes.values()) {
      if (this.exiting.has(pid)) continue;
      let at = paths.get(controller) ?? '';
      while (this.threaded.has(at)) at = parentOf(asByteString(at));
      if (at === path) pids.push(pid);
    }
    return pids;
  }

  /** cgroup.threads; made processes have one thread each. */
  threads(controller: string, path: string): readonly number[] {
    const members = [...this.processes.values()];
    return members.filter(({ paths }) => paths.get(controller) === path).map(({ pid }) => pid);
  }

  /**
   * @param before called before each directory is read, after all were listed. As in the real walk,
   * one that is removed by then is left out, and one that is renamed is found by its inode; what
   * was read before keeps its name, also for what is below it.
   */
  walk(name: string, before: (path: string) => void = () => undefined): Walk {
    const known = this.directories.get(name);
    if (known === undefined) return { kind: 'failed', controller: name, errno: 'ENOENT' };
    const directories: CgroupDirectory[] = [];
    const shownAs = new Map<string, ByteString>();
    for (const [listed, first] of [...known].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      before(listed);
      const path = known.has(listed) ? listed : pathOfInode(known, first);
      const inode = known.get(path);
      if (inode === undefined) continue;
      const above = shownAs.get(parentOf(asByteString(listed))) ?? ROOT;
      const shown =
        path === listed ? asByteString(path) : joinPath(above, nameOf(asByteString(path)));
      shownAs.set(listed, shown);
      const isHidden = this.unreadable.has(path);
      const procs = this.procs(name, path);
      const pids = procs === 'ENOTSUP' ? this.threads(name, path) : procs;
      const trouble = isHidden ? 'EACCES' : null;
      directories.push({ path: shown, inode, pids: isHidden ? [] : pids, trouble });
    }
    return { kind: 'read', controller: name, directories, unseen: [] };
  }

  facts(pid: number): ProcessFacts | null {
    const process = this.processes.get(pid);
    if (process === undefined) return null;
    const { parentPid, startTicks, comm, innerPid } = process;
    const startedAt = new Date(1.8e12 + startTicks * 10).toISOString();
    const namespacePids = innerPid === null ? [pid] : [pid, innerPid];
    const command = `/${comm}`;
    return factsOf({ pid, parentPid, startTicks, startedAt, namespacePids, comm, command });
  }

  signals(pid: number): ProcessSignals | null {
    if (!this.processes.has(pid)) return null;
    const isKilled = this.killed.has(pid);
    return { state: isKilled ? 'D' : 'S', isKilled, isExiting: false, tracer: 0 };
  }

  /** What happens to these processes from now on. */
  mark(what: 'exiting' | 'killed', processes: readonly MadeProcess[]): void {
    for (const { pid } of processes) this[what].add(pid);
  }

  membership(pid: number): Membership | null {
    const process = this.processes.get(pid);
    if (process === undefined) return null;
    return Object.fromEntries([...process.paths].map(([name, path]) => [name, asByteString(path)]));
  }

  ancestors(pid: number): readonly ProcessFacts[] {
    const parent = this.facts(this.processes.get(pid)?.parentPid ?? 0);
    return parent === null ? [] : [parent, ...this.ancestors(parent.pid)];
  }

  rootImages(pid: number): readonly RootImage[] | null {
    const process = this.processes.get(pid);
    if (process === undefined || this.exiting.has(pid)) return null;
    const { image, isChrooted } = process;
    return image === null || isChrooted ? [] : [{ name: asByteString(image), store: STORE }];
  }

  named(comm: string): readonly ProcessInCgroups[] {
    return [...this.processes.values()].flatMap((process) => {
      const facts = process.comm === comm ? this.facts(process.pid) : null;
      if (facts === null) return [];
      const membership = this.membership(process.pid) ?? {};
      return [{ ...facts, membership, children: 0, depot: null, containerdSocket: null }];
    });
  }

  /**
   * A whole sweep: what has an image, and is outside the cgroups named after it in the primary
   * hierarchy, or in another one in which a process with that image is inside.
   */
  sweep({ homes }: SweepPlan): Sweep {
    const { primary } = homes;
    const read = [...this.processes.values()].flatMap(({ pid }) => {
      const image = this.rootImages(pid)?.[0];
      const process = this.facts(pid);
      if (image === undefined || process === null) return [];
      const membership = this.membership(pid) ?? {};
      const inside = Object.entries(membership).flatMap(([name, path]) =>
        countsFor(name, primary) && isAtHome(image.name, name, path, homes) ? [name] : [],
      );
      return [{ process, membership, image, inside }];
    });
    const isSuspect = ({ image, inside }: (typeof read)[number]): boolean =>
      !inside.includes(primary) ||
      read.some(
        (other) =>
          other.image.name === image.name && other.inside.some((name) => !inside.includes(name)),
      );
    const suspects = read.filter(isSuspect);
    const roots = read.filter((one) => !isSuspect(one));
    return {
      namespaces: 1,
      omitted: null,
      suspects: suspects
        .slice(0, 64)
        .map(({ process, membership, image }) => ({ process, membership, image, byGlance: false })),
      roots:
        suspects.length === 0
          ? []
          : roots.map(({ image, membership }) => ({
              ...image,
              cgroup: Object.values(membership)[0] ?? ROOT,
            })),
    };
  }

  mounts(): MountInputs {
    const inputs = MOUNTS.get(this.layout);
    if (inputs === undefined) throw new Error(`There is no layout ${this.layout}.`);
    return inputs;
  }
}

const pathOfInode = (known: ReadonlyMap<string, number>, inode: number): string =>
  [...known].find(([, one]) => one === inode)?.[0] ?? '';

export const isAtOrBelow = (path: string | undefined, above: string): boolean =>
  path === above || path?.startsWith(above === '/' ? above : `${above}/`) === true;

const MOUNTS: ReadonlyMap<Layout, MountInputs> = new Map(
  LAYOUTS.map((layout) => {
    const inEach = (text: string) =>
      Object.fromEntries(CONTROLLERS[layout].map((name) => [name, text]));
    return [layout, mountsOf({ trees: inEach(''), scope: inEach('/init.scope') })] as const;
  }),
);
