import { MadeKernel, type Layout, type MadeProcess } from './made-kernel.ts';

const GDN = '/system.slice/garden.service';
const OUTSIDE = '/system.slice/sshd.service';

type Verb = (cell: MadeCell, handle: string) => void;

const set =
  (change: Partial<MadeContainer>): Verb =>
  (cell, handle) =>
    cell.set(handle, change);
const join =
  (pathIn: (own: string, handle: string, cell: MadeCell) => string): Verb =>
  (cell, handle) =>
    cell.join(handle, (own) => pathIn(own, handle, cell));

const OF_CONTAINER: Readonly<Record<string, Verb>> = {
  create: (cell, handle) => cell.create(handle, false),
  'create-privileged': (cell, handle) => cell.create(handle, true),
  /** Listed, but its runtime has not started it. */
  begin: (cell, handle) => cell.list(handle, { isPrivileged: false, isCreated: false }),
  destroy: (cell, handle) => cell.destroy(handle),
  /**
   * By another container with the same handle and as little known owner. Garden lists what it
   * makes.
   */
  replace: (cell, handle) => {
    const known = cell.containers.get(handle);
    if (known?.isListed !== true || !cell.isGardenUp) return;
    cell.destroy(handle);
    cell.create(handle, known.isPrivileged);
    cell.set(handle, { isOwned: known.isOwned });
  },
  unlist: set({ isListed: false }),
  relist: set({ isListed: true }),
  disown: set({ isOwned: false }),
  own: set({ isOwned: true }),
  refuse: set({ isAnswered: false }),
  answer: set({ isAnswered: true }),
  kill: (cell, handle) => cell.end(cell.of(handle)),
  'kill-waits': (cell, handle) => cell.kernel.mark('killed', cell.inside(handle)),
  /** Only garden-init is left. */
  exit: (cell, handle) => cell.end(cell.of(handle).filter(({ innerPid }) => innerPid !== 1)),
  pea: join((own, handle) => `${own}/${handle}-envoy`),
  sidecar: join((own) => `${own}-liveness-healthcheck-0`),
  spawn: join((own, _handle, cell) => cell.leafOf(own)),
  escape: (cell, handle) => cell.move(cell.inside(handle).slice(-1), () => OUTSIDE),
  flee: (cell, handle) => cell.move(cell.inside(handle), () => OUTSIDE),
  return: (cell, handle) => cell.goHome(handle, cell.outside(handle)),
  /** A process of it is in a threaded cgroup of its own; only on v2. */
  thread: (cell, handle) => {
    if (!cell.isV2) return;
    const threads = (own: string): string => `${cell.leafOf(own)}/threads`;
    cell.kernel.threaded.add(threads(cell.pathOf(handle)));
    cell.join(handle, threads);
  },
  /** What has escaped forks itself and ends. */
  fork: (cell, handle) => {
    const old = cell.outside(handle);
    for (const { paths } of old)
      cell.kernel.start({ image: handle, innerPid: 30 }, (name) => paths.get(name) ?? '/');
    cell.end(old);
  },
  /** It stays only in the primary hierarchy. */
  leave: (cell, handle) => {
    const { primary } = cell.kernel;
    for (const one of cell.of(handle))
      cell.kernel.move(one, (name) => (name === primary ? (one.paths.get(name) ?? '/') : '/'));
  },
  /** One of its processes leaves the primary hierarchy alone. */
  'leave-primary': (cell, handle) => cell.leaveIn(handle, (name) => name === cell.kernel.primary),
  /** One of its processes leaves each hierarchy that has a controller. */
  'leave-limits': (cell, handle) => cell.leaveIn(handle, (name) => name !== 'v2' || cell.isV2),
  throttle: (cell, handle) => cell.throttle(handle, true),
  unthrottle: (cell, handle) => cell.throttle(handle, false),
  /** It uses more than its limit, half of it where it is throttled. */
  exceed: (cell, handle) => cell.use(handle, 80),
  relax: (cell, handle) => cell.use(handle, 10),
  rename: (cell, handle) => cell.kernel.rename(cell.pathOf(handle), `${cell.pathOf(handle)}-moved`),
  'rename-back': (cell, handle) =>
    cell.kernel.rename(`${cell.pathOf(handle)}-moved`, cell.pathOf(handle)),
  /** With another root and another name, nothing but its inode shows whose it is. */
  disguise: (cell, handle) => {
    const own = cell.pathOf(handle);
    for (const process of cell.inside(handle))
      cell.kernel.processes.set(process.pid, { ...process, isChrooted: true });
    cell.kernel.rename(own, own.replace(/[^/]*$/, 'renamed'));
  },
  hide: (cell, handle) => cell.kernel.unreadable.add(cell.leafOf(cell.pathOf(handle))),
  show: (cell, handle) => cell.kernel.unreadable.delete(cell.leafOf(cell.pathOf(handle))),
};

/** In no history by chance. */
const SELDOM: Readonly<Record<string, Verb>> = {
  /** silk's store loses it. */
  unpolice: set({ isPoliced: false }),
  /** From Linux 6.19 on. An exit hangs with a file system. */
  'exit-hangs': (cell, handle) => cell.kernel.mark('exiting', cell.inside(handle)),
};

const OF_CELL: Readonly<Record<string, Verb>> = {
  'garden-fails': (cell) => (cell.isGardenUp = false),
  'garden-answers': (cell) => (cell.isGardenUp = true),
  'gdn-stops': (cell) => cell.end(cell.kernel.named('gdn')),
  'gdn-starts': (cell) => cell.startService('gdn', GDN),
  /** As after a crash: no container has properties any more. */
  'gdn-crashes': (cell) => {
    cell.end(cell.kernel.named('gdn'));
    for (const handle of cell.containers.keys()) cell.set(handle, { isOwned: false });
    cell.startService('gdn', GDN);
  },
  'rep-starts': (cell) => cell.startService('rep', '/system.slice/rep.service'),
  'rep-stops': (cell) => cell.end(cell.kernel.named('rep')),
  'hide-garden': (cell) => cell.kernel.unreadable.add(cell.gardenDirectory()),
  'show-garden': (cell) => cell.kernel.unreadable.delete(cell.gardenDirectory()),
  reboot: (cell) => {
    for (const handle of cell.containers.keys()) cell.destroy(handle);
    cell.end([...cell.kernel.processes.values()].filter(({ image }) => image !== null));
    cell.boot += 1;
  },
  'inodes-again': (cell) => (cell.kernel.givesInodesAgain = true),
};

/** The steps that a history may make. */
export const CONTAINER_VERBS = Object.keys(OF_CONTAINER);
export const CELL_VERBS = Object.keys(OF_CELL);
const VERBS = { ...OF_CONTAINER, ...SELDOM, ...OF_CELL };

/** What Garden knows of a container. */
const NOT_MADE = {
  /** Tells apart two containers that had the same handle. */
  serial: 0,
  madeAt: 0,
  isPrivileged: false,
  isListed: false,
  isCreated: false,
  isOwned: true,
  isAnswered: true,
  isThrottled: false,
  isPoliced: true,
};
export type MadeContainer = Readonly<typeof NOT_MADE>;

/** A Diego cell: a kernel, and Garden's list of what it thinks that runs there. */
export class MadeCell {
  readonly kernel: MadeKernel;
  readonly isV2: boolean;
  readonly #isThrottling: boolean;
  readonly containers = new Map<string, MadeContainer>();
  boot = 1;
  isGardenUp = true;
  #serials = 0;
  /** Steps that happen during the next pass, by the read before which they happen. */
  readonly during = new Map<string, string[]>();

  constructor(layout: Layout) {
    this.kernel = new MadeKernel(layout);
    this.isV2 = layout.startsWith('v2');
    this.#isThrottling = layout.endsWith('-throttling');
    this.startService('gdn', GDN);
    for (const controller of this.kernel.controllers)
      this.kernel.makeDirectory(controller, this.gardenDirectory());
  }

  /** A step that is not one of the agent. */
  do(step: string): void {
    const [verb = '', handle = '', ...rest] = step.split(' ');
    if (verb === 'before')
      this.during.set(handle, [...(this.during.get(handle) ?? []), rest.join(' ')]);
    else if (Object.hasOwn(VERBS, verb)) VERBS[verb]?.(this, handle);
    else throw new Error(`A history has no step "${step}".`);
  }

  /** What happens during a pass before this is read. */
  before(read: string): void {
    const steps = this.during.get(read) ?? [];
    this.during.delete(read);
    for (const step of steps) this.do(step);
  }

  gardenDirectory(): string {
    return this.isV2 ? '/garden' : `${GDN}/garden`;
  }

  /** The container's directory in the primary hierarchy, or in the one where it is throttled. */
  pathOf(handle: string, controller: string = this.kernel.primary): string {
    const { isPrivileged, isThrottled } = this.containers.get(handle) ?? NOT_MADE;
    if (isPrivileged) return this.isV2 ? `/system.slice/${handle}` : `${GDN}/${handle}`;
    const isSplit = this.#isThrottling && (this.isV2 || controller === 'cpu');
    const part = !isSplit ? '' : isThrottled ? '/bad' : '/good';
    return `${this.gardenDirectory()}${part}/${handle}`;
  }

  /** containerd keeps the processes of a container in `init` on v2; what is throttled has none. */
  leafOf(own: string): string {
    return this.isV2 && own.includes('/good/') ? `${own}/init` : own;
  }

  create(handle: string, isPrivileged: boolean): void {
    const known = this.containers.get(handle);
    const isThere = known?.isListed === true && known.isCreated;
    if (!this.isGardenUp || this.of(handle).length > 0 || isThere) return;
    this.list(handle, { isPrivileged, isCreated: true });
    const isIn = (controller: string) => this.leafOf(this.pathOf(handle, controller));
    const { pid } = this.kernel.start({ image: handle, comm: 'garden-init', innerPid: 1 }, isIn);
    this.kernel.start({ image: handle, parentPid: pid, innerPid: 7 }, isIn);
    if (!this.#isThrottling || isPrivileged) return;
    for (const name of this.kernel.controllers)
      this.kernel.makeDirectory(name, this.pathOf(handle, name).replace('/good/', '/bad/'));
    if (this.isV2) this.use(handle, 10);
  }

  list(handle: string, made: Pick<MadeContainer, 'isPrivileged' | 'isCreated'>): void {
    const serial = (this.#serials += 1);
    const madeAt = this.kernel.now;
    this.containers.set(handle, { ...NOT_MADE, ...made, serial, madeAt, isListed: true });
  }

  /** Its processes, wherever they are. */
  of(handle: string): readonly MadeProcess[] {
    return [...this.kernel.processes.values()].filter(({ image }) => image === handle);
  }

  /** Those that are in its own cgroup of the primary hierarchy. */
  inside(handle: string): readonly MadeProcess[] {
    const own = this.kernel.members(this.kernel.primary, this.pathOf(handle));
    return own.filter(({ image }) => image === handle);
  }

  outside(handle: string): readonly MadeProcess[] {
    const inside = new Set(this.inside(handle));
    return this.of(handle).filter((one) => !inside.has(one));
  }

  end(processes: readonly Pick<MadeProcess, 'pid'>[]): void {
    for (const { pid } of processes) this.kernel.processes.delete(pid);
  }

  destroy(handle: string): void {
    this.end(this.of(handle));
    const path = this.pathOf(handle);
    const split = this.pathOf(handle, 'cpu');
    this.kernel.unreadable.delete(this.leafOf(path));
    for (const kind of ['good', 'bad'])
      this.kernel.removeDirectory(split.replace(/\/(?:good|bad)\//, `/${kind}/`));
    this.kernel.removeDirectory(path);
    this.containers.delete(handle);
  }

  set(handle: string, change: Partial<MadeContainer>): void {
    const known = this.containers.get(handle);
    if (known !== undefined) this.containers.set(handle, { ...known, ...change });
  }

  join(handle: string, pathIn: (own: string) => string): void {
    const [init] = this.inside(handle);
    if (init === undefined) return;
    this.kernel.start({ image: handle, innerPid: 20, parentPid: init.pid }, (controller) =>
      pathIn(this.pathOf(handle, controller)),
    );
  }

  /** Its last process leaves for `/` in these hierarchies. */
  leaveIn(handle: string, isLeft: (controller: string) => boolean): void {
    for (const one of this.inside(handle).slice(-1))
      this.kernel.move(one, (name) => (isLeft(name) ? '/' : (one.paths.get(name) ?? '/')));
  }

  move(processes: readonly MadeProcess[], pathIn: (controller: string) => string): void {
    for (const process of processes) this.kernel.move(process, pathIn);
  }

  goHome(handle: string, processes: readonly MadeProcess[]): void {
    if (this.containers.has(handle))
      this.move(processes, (controller) => this.leafOf(this.pathOf(handle, controller)));
  }

  throttle(handle: string, isThrottled: boolean): void {
    if (!this.#isThrottling || this.containers.get(handle)?.isPrivileged !== false) return;
    const moved = this.inside(handle);
    this.set(handle, { isThrottled });
    this.goHome(handle, moved);
  }

  use(handle: string, percent: number): void {
    for (const part of ['good', 'bad']) {
      const path = `${this.gardenDirectory()}/${part}/${handle}`;
      this.kernel.numbers.set(`${path} memory.current`, percent);
      this.kernel.numbers.set(`${path} memory.max`, part === 'good' ? 100 : 'max');
    }
  }

  startService(comm: string, path: string): void {
    if (this.kernel.named(comm).length === 0) this.kernel.start({ comm }, () => path);
  }
}
