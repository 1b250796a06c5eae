import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { directoriesBelow } from '../../src/demo-cell/cgroups/cgroup-tree.ts';
import { hostHierarchies } from '../../src/demo-cell/cgroups/hierarchies.ts';
import { kill } from '../../src/demo-cell/cgroups/processes.ts';
import { errnoOf } from '../../src/model/failure.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { Scan } from '../../src/model/scan.ts';
import { scanAtOnce } from '../../src/probe/cgroup-scan.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { MadeKernel, type Controller } from '../invariants/made-kernel.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { rowsOf } from '../rows.ts';

type Version = 1 | 2;

/**
 * What the made kernel of test/invariants does as the real one, and what a walk makes of it: in which versions, with steps,
 * and questions with the answer of both kernels. ENOTSUP is EOPNOTSUPP in the kernel: the scan knew only that name, so one
 * threaded cgroup made every verdict `unknown` for as long as it existed.
 */
const TRICKS = `
gives no inode again to a directory of the same name | 1 2 | make a; inode a = #1; remove a; make a; inode a = #2; remove a; make a; inode a = #3
keeps the inode and the processes of a renamed directory | 1 | make a; start p a; inode a = #1; rename a b; inode b = #1; procs b = p; procs a = ENOENT
renames no directory | 2 | make a; rename a b = EPERM; procs a = nobody
removes no directory that has processes | 1 2 | make a; start p a; remove a = EBUSY; move p .; remove a; procs a = ENOENT
answers ENODEV to who has opened a list of a directory that is removed | 1 2 | make a; open a; remove a; read = ENODEV; make a; read = ENODEV
may remove a directory between its listing and its reading | 1 2 | make a; make b; walk-removing a = ., b; walk = ., b
shows a process twice or never that moves during a walk | 1 2 | make a; make b; start p a; start q b; walk-swapping a b = 0 and 2
lists only the threads of a threaded cgroup, and its processes in the domain above it | 2 | make a; make a/t; thread a/t; start p a; join p a/t; procs a/t = ENOTSUP; threads a/t = p; procs a = p; walk = ., a p, a/t p
calls a cgroup populated whose own list is empty | 2 | make a; make a/b; start p a/b; procs a = nobody; populated a = 1; move p .; populated a = 0
`;

/** The made kernel, whose paths are those of a whole hierarchy. */
class Made {
  readonly #controller: Controller;
  readonly #kernel: MadeKernel;

  constructor(version: Version) {
    this.#controller = version === 1 ? 'memory' : 'v2';
    this.#kernel = new MadeKernel(version === 1 ? 'v1' : 'v2');
  }

  make(path: string): void {
    this.#kernel.makeDirectory(this.#controller, at(path));
  }
  remove(path: string): string {
    const isBusy = this.#kernel.members(this.#controller, at(path)).length > 0;
    if (!isBusy) this.#kernel.removeDirectory(at(path));
    return isBusy ? 'EBUSY' : '';
  }
  rename(from: string, to: string): string {
    this.#kernel.rename(at(from), at(to));
    return this.#inodes.has(at(to)) ? '' : 'EPERM';
  }
  start(path: string): Promise<number> {
    return Promise.resolve(this.#kernel.start({}, () => at(path)).pid);
  }
  move(pid: number, path: string): void {
    const process = this.#kernel.processes.get(pid);
    if (process !== undefined) this.#kernel.move(process, () => at(path));
  }
  /** Makes a member of the threaded domain a member of one of its threaded cgroups. */
  join(pid: number, path: string): void {
    this.move(pid, path);
  }
  thread(path: string): void {
    this.#kernel.threaded.add(at(path));
  }
  inode(path: string): number {
    return this.#inodes.get(at(path)) ?? 0;
  }
  /** Pids, or an errno. */
  procs(path: string): readonly number[] | string {
    if (!this.#inodes.has(at(path))) return 'ENOENT';
    return this.#kernel.procs(this.#controller, at(path));
  }
  threads(path: string): readonly number[] {
    return this.#kernel.threads(this.#controller, at(path));
  }
  populated(path: string): boolean {
    return this.#kernel.members(this.#controller, at(path)).length > 0;
  }
  /** A function that reads the list. */
  open(path: string): () => readonly number[] | string {
    const inode = this.inode(path);
    return () => (this.inode(path) === inode ? this.procs(path) : 'ENODEV');
  }
  walk(before: (path: string) => void): Scan {
    return this.#kernel.scan(this.#controller, (path) => before(path.slice(1)));
  }

  get #inodes(): ReadonlyMap<string, number> {
    return this.#kernel.directories.get(this.#controller) ?? new Map();
  }
}

/** One of the two kernels, below a cgroup of the test. */
type Kernel = Pick<Made, keyof Made>;

const at = (path: string): string => (path === '.' ? '/' : `/${path}`);

/** Cgroups of this machine. */
class Real implements Kernel {
  readonly top: string;
  readonly #children: ChildProcess[] = [];
  readonly #opened: number[] = [];

  constructor(mountPoint: string) {
    this.top = join(mountPoint, `rollcall-tricks-${process.pid}`);
    fs.mkdirSync(this.top);
  }

  make(path: string): void {
    fs.mkdirSync(this.#file(path));
  }
  remove(path: string): string {
    return errnoOfCall(() => fs.rmdirSync(this.#file(path)));
  }
  rename(from: string, to: string): string {
    return errnoOfCall(() => fs.renameSync(this.#file(from), this.#file(to)));
  }
  async start(path: string): Promise<number> {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    this.#children.push(child);
    await once(child, 'spawn');
    this.move(child.pid ?? 0, path);
    return child.pid ?? 0;
  }
  move(pid: number, path: string): void {
    fs.writeFileSync(this.#file(path, 'cgroup.procs'), String(pid));
  }
  join(pid: number, path: string): void {
    fs.writeFileSync(this.#file(path, 'cgroup.threads'), String(pid));
  }
  thread(path: string): void {
    fs.writeFileSync(this.#file(path, 'cgroup.type'), 'threaded');
  }
  inode(path: string): number {
    return fs.statSync(this.#file(path)).ino;
  }
  procs(path: string): readonly number[] | string {
    try {
      return pidsIn(fs.readFileSync(this.#file(path, 'cgroup.procs'), 'utf8'));
    } catch (error) {
      return errnoOf(error);
    }
  }
  threads(path: string): readonly number[] {
    return pidsIn(fs.readFileSync(this.#file(path, 'cgroup.threads'), 'utf8'));
  }
  populated(path: string): boolean {
    return /^populated 1$/m.test(fs.readFileSync(this.#file(path, 'cgroup.events'), 'utf8'));
  }
  open(path: string): () => readonly number[] | string {
    const fd = fs.openSync(this.#file(path, 'cgroup.procs'), 'r');
    this.#opened.push(fd);
    const bytes = Buffer.alloc(1024 * 1024);
    return () => {
      try {
        return pidsIn(bytes.toString('latin1', 0, fs.readSync(fd, bytes)));
      } catch (error) {
        return errnoOf(error);
      }
    };
  }
  walk(before: (path: string) => void): Scan {
    const reader = new HookedReader((file) => before(file.split('/').at(-2) ?? ''));
    const openedAt = asByteString(this.top);
    return scanAtOnce(reader, { controller: 'v2', openedAt, scope: asByteString('/'), first: [] });
  }
  /** Ends everything and removes the cgroups. */
  async close(): Promise<void> {
    for (const fd of this.#opened) fs.closeSync(fd);
    for (const child of this.#children) child.kill('SIGKILL');
    await waitFor('the removal of the cgroups', () => {
      const below = directoriesBelow(this.top)
        .map((path) => path.slice(this.top.length))
        .toReversed();
      for (const pid of below.flatMap((path) => this.#members(path))) kill(pid, 'SIGKILL');
      return below.every((path) => this.remove(path) === '');
    });
  }

  /** None of a threaded cgroup. */
  #members(path: string): readonly number[] {
    const pids = this.procs(path);
    return typeof pids === 'string' ? [] : pids;
  }

  #file(path: string, file = ''): string {
    return join(this.top, path, file);
  }
}

class HookedReader extends KernelReader {
  readonly #before: (file: string) => void;

  constructor(before: (file: string) => void) {
    super('/');
    this.#before = before;
  }

  override whole(path: string | Buffer) {
    this.#before(String(path));
    return super.whole(path);
  }
}

const pidsIn = (text: string): readonly number[] =>
  text === '' ? [] : text.trimEnd().split('\n').map(Number);

function errnoOfCall(call: () => void): string {
  try {
    call();
    return '';
  } catch (error) {
    return errnoOf(error);
  }
}

/** Answers the questions of a script about one kernel. */
class Teller {
  readonly #kernel: Kernel;
  readonly #pids = new Map<string, number>();
  readonly #inodes: number[] = [];
  #read: ReturnType<Kernel['open']> = () => 'nothing is open';

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Empty where a step succeeds. */
  async answer(step: string): Promise<string> {
    const [verb = '', one = '.', other = '.'] = step.split(' ');
    const act = this.#verbs[verb];
    if (act === undefined) throw new Error(`There is no step "${step}".`);
    return (await act(one, other)) ?? '';
  }

  get #verbs(): Readonly<
    Record<string, (one: string, other: string) => string | void | Promise<void>>
  > {
    const kernel = this.#kernel;
    const pidOf = (name: string): number => this.#pids.get(name) ?? 0;
    return {
      make: (path) => kernel.make(path),
      remove: (path) => kernel.remove(path),
      rename: (from, to) => kernel.rename(from, to),
      start: async (name, path) => void this.#pids.set(name, await kernel.start(path)),
      move: (name, path) => kernel.move(pidOf(name), path),
      join: (name, path) => kernel.join(pidOf(name), path),
      thread: (path) => kernel.thread(path),
      inode: (path) => this.#numberOf(kernel.inode(path)),
      procs: (path) => this.#named(kernel.procs(path)) || 'nobody',
      threads: (path) => this.#named(kernel.threads(path)),
      populated: (path) => (kernel.populated(path) ? '1' : '0'),
      open: (path) => void (this.#read = kernel.open(path)),
      read: () => this.#named(this.#read()),
      walk: () => this.#shown(kernel.walk(() => undefined)),
      'walk-removing': (removed) =>
        this.#shown(kernel.walk((path) => void (path === removed && kernel.remove(path)))),
      'walk-swapping': (one, other) => this.#swapping(one, other),
    };
  }

  #numberOf(inode: number): string {
    if (!this.#inodes.includes(inode)) this.#inodes.push(inode);
    return `#${this.#inodes.indexOf(inode) + 1}`;
  }

  #named(pids: readonly number[] | string): string {
    if (typeof pids === 'string') return pids;
    return [...this.#pids].flatMap(([name, pid]) => (pids.includes(pid) ? [name] : [])).join();
  }

  #shown(scan: Scan): string {
    if (scan.kind === 'failed') return scan.errno;
    const below = scan.directories.filter(({ path }) => /^\/(?:$|[ab])/.test(path));
    return below
      .map(({ path, pids, trouble }) =>
        [path === '/' ? '.' : path.slice(1), this.#named(pids), trouble].filter(Boolean).join(' '),
      )
      .toSorted()
      .join(', ');
  }

  /** The two processes, each in one of two directories, swap before the second of these is read. */
  #swapping(one: string, other: string): string {
    const [p = 0, q = 0] = this.#pids.values();
    let isFirst = true;
    const scan = this.#kernel.walk((path) => {
      if (path !== one && path !== other) return;
      if (!isFirst) {
        this.#kernel.move(p, other);
        this.#kernel.move(q, one);
      }
      isFirst = false;
    });
    const seen = scan.kind === 'seen' ? scan.directories.flatMap(({ pids }) => pids) : [];
    const times = (pid: number): number => seen.filter((member) => member === pid).length;
    return `${Math.min(times(p), times(q))} and ${Math.max(times(p), times(q))}`;
  }
}

describe('the made kernel, as the real one,', () => {
  const mounts = new Map<Version, string>();

  before(function () {
    if (process.platform !== 'linux') skip(this, 'needs Linux');
    if (process.getuid?.() !== 0) skip(this, 'needs root to make cgroups');
    for (const { version, controllers, mountPoint } of hostHierarchies())
      if (version === 2 || controllers.includes('pids')) mounts.set(version, mountPoint);
  });

  for (const [title, versions = '', script = ''] of rowsOf(TRICKS))
    for (const version of [1, 2] as const) {
      if (!versions.includes(String(version))) continue;
      it(`${title} (v${version})`, async function () {
        const mountPoint = mounts.get(version);
        if (mountPoint === undefined) skip(this, `needs a mount of cgroup v${version}`);
        const expected = script.split('; ').map((line) => {
          const [step = '', answer = ''] = line.split(' = ');
          return { step, answer };
        });
        const told = async (kernel: Kernel) => {
          const teller = new Teller(kernel);
          const answers: typeof expected = [];
          for (const { step } of expected)
            answers.push({ step, answer: await teller.answer(step) });
          return answers;
        };
        expect(await told(new Made(version)), 'made').to.deep.equal(expected);
        const real = new Real(mountPoint);
        atEndOfTest(() => real.close());
        expect(await told(real), 'real').to.deep.equal(expected);
      });
    }
});
