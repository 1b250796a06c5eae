import type { ContainerProperties, GardenAnswer, GardenFailure } from '../../src/model/garden.ts';
import { asByteString, asHandle, type Handle } from '../../src/model/ids.ts';
import {
  answersTo,
  type Answers,
  type QuestionName,
  type Questions,
} from '../../src/model/questions.ts';
import { parentOf, ROOT } from '../../src/model/paths.ts';
import type { Scan } from '../../src/model/scan.ts';
import type { Moment } from '../../src/model/snapshot.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { isAtOrBelow, MadeKernel, type Layout, type MadeProcess } from './made-kernel.ts';

const GDN = '/system.slice/garden.service';
const OUTSIDE = '/system.slice/sshd.service';
export const HANDLES = ['a', 'b', 'a-envoy', 'c'] as const;

/** What Garden and the agent's operator do to a container. */
interface MadeContainer {
  /** Tells apart two containers that had the same handle. */
  readonly serial: number;
  /** Milliseconds since boot. */
  readonly madeAt: number;
  readonly isPrivileged: boolean;
  isListed: boolean;
  isCreated: boolean;
  isOwned: boolean;
  isAnswered: boolean;
  isThrottled: boolean;
}

type Verb = (cell: MadeCell, handle: string) => void;

/**
 * Every step of a history: `VERB HANDLE`, or `VERB` for what concerns the whole cell. A step that
 * is impossible does nothing, so that any part of a history is a history.
 */
const OF_CONTAINER: Readonly<Record<string, Verb>> = {
  create: (cell, handle) => cell.create(handle, false),
  'create-privileged': (cell, handle) => cell.create(handle, true),
  /** Listed, but its runtime has not started it. */
  begin: (cell, handle) => cell.list(handle, false, { isCreated: false }),
  destroy: (cell, handle) => cell.destroy(handle),
  replace: (cell, handle) => cell.replace(handle),
  unlist: (cell, handle) => cell.set(handle, { isListed: false }),
  relist: (cell, handle) => cell.set(handle, { isListed: true }),
  disown: (cell, handle) => cell.set(handle, { isOwned: false }),
  own: (cell, handle) => cell.set(handle, { isOwned: true }),
  refuse: (cell, handle) => cell.set(handle, { isAnswered: false }),
  answer: (cell, handle) => cell.set(handle, { isAnswered: true }),
  kill: (cell, handle) => cell.end(cell.of(handle)),
  /** Only garden-init is left. */
  exit: (cell, handle) => cell.end(cell.of(handle).filter(({ innerPid }) => innerPid !== 1)),
  pea: (cell, handle) => cell.join(handle, (own) => `${own}/${handle}-envoy`),
  sidecar: (cell, handle) => cell.join(handle, (own) => `${own}-liveness-healthcheck-0`),
  spawn: (cell, handle) => cell.join(handle, (own) => cell.leafOf(own)),
  escape: (cell, handle) => cell.move(cell.inside(handle).slice(-1), OUTSIDE),
  flee: (cell, handle) => cell.move(cell.inside(handle), OUTSIDE),
  return: (cell, handle) => cell.comeHome(handle),
  /** A process of it is in a threaded cgroup of its own; only v2 has them. */
  thread: (cell, handle) => cell.thread(handle),
  /** What has escaped forks itself and ends. */
  fork: (cell, handle) => cell.fork(handle),
  /** It stays only in the primary hierarchy. */
  leave: (cell, handle) => cell.leave(handle),
  throttle: (cell, handle) => cell.throttle(handle, true),
  unthrottle: (cell, handle) => cell.throttle(handle, false),
  /** It uses more than its limit, half of it where it is throttled. */
  exceed: (cell, handle) => cell.use(handle, 80),
  relax: (cell, handle) => cell.use(handle, 10),
  rename: (cell, handle) => cell.kernel.rename(cell.pathOf(handle), `${cell.pathOf(handle)}-moved`),
  'rename-back': (cell, handle) =>
    cell.kernel.rename(`${cell.pathOf(handle)}-moved`, cell.pathOf(handle)),
  /** With another root and another name, nothing but its inode shows whose it is. */
  disguise: (cell, handle) => cell.disguise(handle),
  hide: (cell, handle) => cell.kernel.unreadable.add(cell.leafOf(cell.pathOf(handle))),
  show: (cell, handle) => cell.kernel.unreadable.delete(cell.leafOf(cell.pathOf(handle))),
};

/** What only new kernels do; no history has it by chance. */
const OF_NEW_KERNELS: Readonly<Record<string, Verb>> = {
  /** Its processes do not finish exiting, as where an open file is on a file system that hangs. */
  'exit-hangs': (cell, handle) => {
    for (const { pid } of cell.inside(handle)) cell.kernel.exiting.add(pid);
  },
};

const OF_CELL: Readonly<Record<string, (cell: MadeCell) => void>> = {
  'garden-fails': (cell) => (cell.isGardenUp = false),
  'garden-answers': (cell) => (cell.isGardenUp = true),
  'gdn-stops': (cell) => cell.end(cell.kernel.named('gdn')),
  'gdn-starts': (cell) => cell.startService('gdn', GDN),
  /** As after a crash: no container has properties any more. */
  'gdn-crashes': (cell) => cell.crash(),
  'rep-starts': (cell) => cell.startService('rep', '/system.slice/rep.service'),
  'rep-stops': (cell) => cell.end(cell.kernel.named('rep')),
  'hide-garden': (cell) => cell.kernel.unreadable.add(cell.gardenDirectory()),
  'show-garden': (cell) => cell.kernel.unreadable.delete(cell.gardenDirectory()),
  reboot: (cell) => cell.reboot(),
};

export const CONTAINER_VERBS = Object.keys(OF_CONTAINER);
export const CELL_VERBS = Object.keys(OF_CELL);

/** Verbs of which the second takes back what the first does. */
export const OPPOSITES = [
  ['unlist', 'relist'],
  ['unlist', 'destroy'],
  ['unlist', 'disguise'],
  ['disown', 'own'],
  ['disown', 'replace'],
  ['disown', 'unlist'],
  ['refuse', 'answer'],
  ['kill', 'destroy'],
  ['escape', 'return'],
  ['escape', 'fork'],
  ['flee', 'return'],
  ['leave', 'return'],
  ['throttle', 'unthrottle'],
  ['exceed', 'relax'],
  ['rename', 'rename-back'],
  ['hide', 'show'],
] as const;

/** Verbs that take turns. */
export const ALTERNATIONS = [
  ['escape', 'return'],
  ['escape', 'fork', 'fork'],
  ['flee', 'return'],
  ['leave', 'return', 'escape'],
  ['unlist', 'flee', 'return'],
  ['unlist', 'relist'],
  ['rename', 'rename-back'],
  ['flee', 'return', 'rename', 'rename-back'],
] as const;

const FAILED: GardenFailure = {
  kind: 'failed',
  code: 'refused',
  why: 'Garden refused the connection.',
};
const TOO_LARGE: GardenFailure = {
  kind: 'failed',
  code: 'too-large',
  why: 'Its answer is too large.',
};
const answered = <T>(value: T): GardenAnswer<T> => ({ kind: 'answered', value });

/** A Diego cell: a kernel, and Garden's list of what it thinks that runs there. */
export class MadeCell {
  readonly kernel: MadeKernel;
  readonly containers = new Map<string, MadeContainer>();
  boot = 1;
  isGardenUp = true;
  #serials = 0;
  /** Steps that happen during the next pass, by the read before which they happen. */
  readonly during = new Map<string, string[]>();

  constructor(layout: Layout) {
    this.kernel = new MadeKernel(layout);
    this.startService('gdn', GDN);
    for (const controller of this.kernel.controllers)
      this.kernel.makeDirectory(controller, this.gardenDirectory());
  }

  /** @param step `VERB`, `VERB HANDLE`, or `before list VERB HANDLE` for the next pass */
  do(step: string): void {
    const [verb = '', handle = '', ...rest] = step.split(' ');
    if (verb === 'before')
      this.during.set(handle, [...(this.during.get(handle) ?? []), rest.join(' ')]);
    else if (Object.hasOwn(OF_CONTAINER, verb)) OF_CONTAINER[verb]?.(this, handle);
    else if (Object.hasOwn(OF_NEW_KERNELS, verb)) OF_NEW_KERNELS[verb]?.(this, handle);
    else if (Object.hasOwn(OF_CELL, verb)) OF_CELL[verb]?.(this);
    else throw new Error(`A history has no step "${step}".`);
  }

  get #isThrottling(): boolean {
    return this.kernel.layout.endsWith('-throttling');
  }

  gardenDirectory(): string {
    return this.kernel.layout.startsWith('v2') ? '/garden' : `${GDN}/garden`;
  }

  /** The container's directory in the primary hierarchy, or in the one where it is throttled. */
  pathOf(handle: string, controller = 'memory'): string {
    const { isPrivileged, isThrottled } = this.containers.get(handle) ?? NOT_MADE;
    const isV2 = this.kernel.layout.startsWith('v2');
    if (isPrivileged) return isV2 ? `/system.slice/${handle}` : `${GDN}/${handle}`;
    const isSplit = this.#isThrottling && (isV2 || controller === 'cpu');
    const part = !isSplit ? '' : isThrottled ? '/bad' : '/good';
    return `${this.gardenDirectory()}${part}/${handle}`;
  }

  /** containerd keeps the processes of a container in `init` on v2; what is throttled has none. */
  leafOf(own: string): string {
    return this.kernel.layout === 'v2-throttling' && own.includes('/good/') ? `${own}/init` : own;
  }

  create(handle: string, isPrivileged: boolean): void {
    if (!this.isGardenUp || this.of(handle).length > 0) return;
    if (
      this.containers.get(handle)?.isListed === true &&
      this.containers.get(handle)?.isCreated === true
    )
      return;
    this.list(handle, isPrivileged, { isCreated: true });
    const init = this.#startIn(handle, { comm: 'garden-init', innerPid: 1 });
    this.#startIn(handle, { parentPid: init.pid, innerPid: 7 });
    if (!this.#isThrottling || isPrivileged) return;
    for (const controller of this.kernel.controllers)
      this.kernel.makeDirectory(
        controller,
        this.pathOf(handle, controller).replace('/good/', '/bad/'),
      );
    if (this.kernel.layout === 'v2-throttling') this.use(handle, 10);
  }

  list(handle: string, isPrivileged: boolean, { isCreated }: { isCreated: boolean }): void {
    const serial = (this.#serials += 1);
    this.containers.set(handle, {
      ...NOT_MADE,
      serial,
      madeAt: this.kernel.now,
      isPrivileged,
      isListed: true,
      isCreated,
    });
  }

  #startIn(handle: string, facts: Parameters<MadeKernel['start']>[0]): MadeProcess {
    const isIn = (controller: string) => this.leafOf(this.pathOf(handle, controller));
    return this.kernel.start({ ...facts, image: handle }, isIn);
  }

  /** Its processes, wherever they are. */
  of(handle: string): readonly MadeProcess[] {
    return [...this.kernel.processes.values()].filter(({ image }) => image === handle);
  }

  /** Those that are in its own cgroup of the primary hierarchy. */
  inside(handle: string): readonly MadeProcess[] {
    const [primary = 'memory'] = this.kernel.controllers;
    const own = this.pathOf(handle, primary);
    return this.of(handle).filter(({ paths }) => isAtOrBelow(paths.get(primary), own));
  }

  /** What visibly runs in a cgroup of its own, unlisted or without an owner, with its inode. */
  lost(): ReadonlyMap<string, { readonly inode: number; readonly isListed: boolean }> {
    const { controllers, directories, unreadable } = this.kernel;
    const [primary = 'memory'] = controllers;
    return new Map(
      [...this.containers].flatMap(([handle, { isListed, isOwned, isAnswered }]) => {
        const own = this.pathOf(handle, primary);
        const inode = directories.get(primary)?.get(own);
        const isHidden = [...unreadable].some((path) => isAtOrBelow(path, own));
        const isShown = this.inside(handle).some(({ isChrooted }) => !isChrooted);
        if (isHidden || inode === undefined || !isShown) return [];
        return isListed && (isOwned || !isAnswered) ? [] : [[handle, { inode, isListed }] as const];
      }),
    );
  }

  /** Cgroups of the primary hierarchy with processes in or below them: paths by inode. */
  living(): ReadonlyMap<number, string> {
    const { controllers, directories, processes } = this.kernel;
    const [primary = 'memory'] = controllers;
    const inodes = directories.get(primary);
    const found = new Map<number, string>();
    for (const { paths } of processes.values()) {
      let path = asByteString(paths.get(primary) ?? ROOT);
      for (; path !== ROOT; path = parentOf(path)) found.set(inodes?.get(path) ?? 0, path);
    }
    return found;
  }

  /** Containers that were made after this time, in milliseconds since boot, with all processes. */
  youngerThan(time: number): ReadonlySet<string> {
    const isYoung = ({ startTicks }: MadeProcess): boolean => startTicks * 10 > time;
    return new Set(
      [...this.containers].flatMap(([handle, { madeAt }]) =>
        madeAt > time && this.of(handle).every(isYoung) ? [handle] : [],
      ),
    );
  }

  /** Another container with the same handle and as little known owner. Garden lists what it makes. */
  replace(handle: string): void {
    const known = this.containers.get(handle);
    if (known?.isListed !== true || !this.isGardenUp) return;
    this.destroy(handle);
    this.create(handle, known.isPrivileged);
    this.set(handle, { isOwned: known.isOwned });
  }

  end(processes: readonly Pick<MadeProcess, 'pid'>[]): void {
    for (const { pid } of processes) this.kernel.processes.delete(pid);
  }

  destroy(handle: string): void {
    this.end(this.of(handle));
    const path = this.pathOf(handle);
    this.kernel.unreadable.delete(this.leafOf(path));
    for (const kind of ['good', 'bad'])
      this.kernel.removeDirectory(
        this.pathOf(handle, 'cpu').replace(/\/(?:good|bad)\//, `/${kind}/`),
      );
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

  move(processes: readonly MadeProcess[], path: string): void {
    for (const process of processes) this.kernel.move(process, () => path);
  }

  comeHome(handle: string): void {
    const inside = new Set(this.inside(handle));
    if (!this.containers.has(handle)) return;
    for (const process of this.of(handle).filter((one) => !inside.has(one)))
      this.kernel.move(process, (controller) => this.leafOf(this.pathOf(handle, controller)));
  }

  thread(handle: string): void {
    if (!this.kernel.layout.startsWith('v2')) return;
    const threads = (own: string): string => `${this.leafOf(own)}/threads`;
    this.kernel.threaded.add(threads(this.pathOf(handle)));
    this.join(handle, threads);
  }

  disguise(handle: string): void {
    const own = this.pathOf(handle);
    for (const process of this.inside(handle))
      this.kernel.processes.set(process.pid, { ...process, isChrooted: true });
    this.kernel.rename(own, own.replace(/[^/]*$/, 'renamed'));
  }

  fork(handle: string): void {
    const inside = new Set(this.inside(handle));
    for (const old of this.of(handle).filter((one) => !inside.has(one))) {
      this.kernel.start(
        { image: handle, innerPid: 30 },
        (controller) => old.paths.get(controller) ?? '/',
      );
      this.end([old]);
    }
  }

  leave(handle: string): void {
    const [primary] = this.kernel.controllers;
    for (const process of this.of(handle))
      this.kernel.move(process, (controller) =>
        controller === primary ? (process.paths.get(controller) ?? '/') : '/',
      );
  }

  throttle(handle: string, isThrottled: boolean): void {
    const known = this.containers.get(handle);
    if (known === undefined || known.isPrivileged || !this.#isThrottling) return;
    const moved = this.inside(handle);
    this.set(handle, { isThrottled });
    for (const process of moved)
      this.kernel.move(process, (controller) => this.leafOf(this.pathOf(handle, controller)));
  }

  use(handle: string, percent: number): void {
    const [good, bad] = ['good', 'bad'].map(
      (part) => `${this.gardenDirectory()}/${part}/${handle}`,
    );
    for (const path of [good, bad]) {
      this.kernel.numbers.set(`${path} memory.current`, percent);
      this.kernel.numbers.set(`${path} memory.max`, path === good ? 100 : 'max');
    }
  }

  startService(comm: string, path: string): void {
    if (this.kernel.named(comm).length === 0) this.kernel.start({ comm }, () => path);
  }

  crash(): void {
    this.end(this.kernel.named('gdn'));
    for (const handle of this.containers.keys()) this.set(handle, { isOwned: false });
    this.startService('gdn', GDN);
  }

  reboot(): void {
    for (const handle of this.containers.keys()) this.destroy(handle);
    this.end([...this.kernel.processes.values()].filter(({ image }) => image !== null));
    this.boot += 1;
  }

  readonly moment = (): Moment => ({
    wall: new Date(1.8e12 + this.kernel.now).toISOString(),
    monotonicMilliseconds: this.kernel.now,
  });

  listed(test: (one: MadeContainer) => boolean): GardenAnswer<readonly Handle[]> {
    if (!this.isGardenUp) return FAILED;
    return answered(
      [...this.containers].flatMap(([handle, one]) => (test(one) ? [asHandle(handle)] : [])),
    );
  }

  #properties(handle: Handle): GardenAnswer<ContainerProperties> {
    const known = this.containers.get(handle);
    if (!this.isGardenUp) return FAILED;
    if (known?.isAnswered === false) return TOO_LARGE;
    return answered(known?.isOwned === true ? OWNED : LOST);
  }

  /** What happens during a pass before this is read. */
  #before(read: string): void {
    const steps = this.during.get(read) ?? [];
    this.during.delete(read);
    for (const step of steps) this.do(step);
  }

  readonly #readers: { readonly [K in QuestionName]?: (asked: Questions[K]) => Answers[K] } = {
    sweep: (plan) => (plan === null ? null : this.kernel.sweep(plan)),
    memberships: (pids) => byKey(pids, (pid) => this.kernel.membership(pid)),
    processes: (pids) => byKey(pids, (pid) => this.kernel.facts(pid)),
    ancestors: (pids) =>
      byKey(pids, (pid) => this.kernel.ancestors(this.kernel.processes.has(pid) ? pid : 0)),
    rootImages: (pids) => byKey(pids, (pid) => this.kernel.rootImages(pid)),
    gardenProcesses: () => this.kernel.named('gdn'),
    repProcesses: () =>
      this.kernel
        .named('rep')
        .map(({ pid, startTicks, startedAt, state, namespacePids, comm, membership }) => ({
          pid,
          startTicks,
          startedAt,
          state,
          namespacePids,
          comm,
          membership,
        })),
    starts: (pids) =>
      byKey(pids, (pid) => {
        const facts = this.kernel.facts(pid);
        return facts === null
          ? null
          : { startTicks: facts.startTicks, namespacePids: facts.namespacePids };
      }),
    startTicks: (pids) => byKey(pids, (pid) => this.kernel.facts(pid)?.startTicks ?? null),
    scans: (plans) =>
      new Map(plans.map(({ controller }) => [controller, this.kernel.scan(controller)])),
    rootMounts: (handles) =>
      byKey(handles, (handle) =>
        this.of(handle).flatMap(({ pid, isChrooted }) => (isChrooted ? [] : [pid])),
      ),
    overlays: () => [...this.containers.keys()].map(asByteString),
    depot: () => ({ names: [...this.containers.keys()].map(asByteString) }),
    destroys: (asked) =>
      asked === null
        ? null
        : byKey(asked.handles, () => ({ at: this.moment().wall, processes: [], mounts: 1 })),
    cgroupNumbers: (cgroups) =>
      new Map(
        cgroups.map(({ path, files }) => [
          path,
          Object.fromEntries(files.map((file) => [file, this.kernel.number(path, file)])),
        ]),
      ),
    createdList: () =>
      this.listed(({ isListed, isCreated, isOwned }) => isListed && isCreated && isOwned),
    properties: (handles) => byKey(handles, (handle) => this.#properties(handle)),
    secondList: () => this.listed(({ isListed }) => isListed),
  };

  /** What happens during a walk happens after half of the directories. */
  #walk(name: string): Scan {
    const controller = this.kernel.controllers.find((one) => one === name);
    const all = controller === undefined ? 0 : (this.kernel.directories.get(controller)?.size ?? 0);
    let left = Math.ceil(all / 2);
    return this.kernel.scan(name, () => {
      if (left-- === 0) this.#before('walk');
    });
  }

  probe(): CellProbe {
    const read = <K extends QuestionName>(name: K, asked: Questions[K]): Answers[K] => {
      this.#before(name);
      const reader = this.#readers[name];
      if (reader === undefined) throw new Error(`Nobody asks ${name} of a made cell.`);
      return reader(asked);
    };
    return {
      now: this.moment,
      startsPass: () => undefined,
      cell: () => ({ hostname: 'cell', bootId: `boot-${this.boot}`, bosh: null }),
      mounts: () => this.kernel.mounts(),
      gardenProcesses: () => Promise.resolve(this.kernel.named('gdn')),
      scan: ({ controller }) => Promise.resolve(this.#walk(controller)),
      list: () => {
        this.#before('list');
        return Promise.resolve(this.listed(({ isListed }) => isListed));
      },
      answer: (questions) => answersTo(questions, (name) => read(name, questions[name])),
      sensors: () => Promise.resolve(null),
      searchSensors: () => Promise.resolve(),
      hasHangingReads: () => false,
      pause: () => Promise.resolve(),
      close: () => undefined,
    };
  }
}

const NOT_MADE: MadeContainer = {
  serial: 0,
  madeAt: 0,
  isPrivileged: false,
  isListed: false,
  isCreated: false,
  isOwned: true,
  isAnswered: true,
  isThrottled: false,
};
const PROPERTIES = { kind: 'app-instance', app: null } as const;
const OWNED: ContainerProperties = {
  ...PROPERTIES,
  properties: { 'executor:owner': 'executor' },
  owner: 'present',
};
const LOST: ContainerProperties = { ...PROPERTIES, properties: null, owner: 'lost' };

const byKey = <Key, Answer>(
  keys: readonly Key[],
  answer: (key: Key) => Answer,
): ReadonlyMap<Key, Answer> => new Map(keys.map((key) => [key, answer(key)]));
