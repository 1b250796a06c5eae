import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeTree } from '../../tools/demo-cell/cgroups/cgroup-tree.ts';
import { hostHierarchies } from '../../tools/demo-cell/cgroups/hierarchies.ts';
import { errnoOf } from '../../src/model/failure.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { Scan } from '../../src/model/scan.ts';
import { scanAtOnce } from '../../src/probe/cgroup-scan.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { MadeKernel } from '../invariants/made-kernel.ts';
import { skip } from '../skip.ts';
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

const at = (path: string): string => (path === '.' ? '/' : `/${path}`);

/** The made kernel, whose paths are those of a whole hierarchy. */
function madeKernel(version: Version) {
  const controller = version === 1 ? 'memory' : 'v2';
  const kernel = new MadeKernel(version === 1 ? 'v1' : 'v2');
  const inodes = (): ReadonlyMap<string, number> => kernel.directories.get(controller) ?? new Map();
  const inode = (path: string): number => inodes().get(at(path)) ?? 0;
  const members = (path: string): readonly unknown[] => kernel.members(controller, at(path));
  /** Pids, or an errno. */
  const procs = (path: string): readonly number[] | string =>
    inodes().has(at(path)) ? kernel.procs(controller, at(path)) : 'ENOENT';
  const move = (pid: number, path: string): void => {
    const process = kernel.processes.get(pid);
    if (process !== undefined) kernel.move(process, () => at(path));
  };
  return {
    make: (path: string): void => kernel.makeDirectory(controller, at(path)),
    remove: (path: string): string => {
      const isBusy = members(path).length > 0;
      if (!isBusy) kernel.removeDirectory(at(path));
      return isBusy ? 'EBUSY' : '';
    },
    rename: (from: string, to: string): string => {
      kernel.rename(at(from), at(to));
      return inodes().has(at(to)) ? '' : 'EPERM';
    },
    start: (path: string) => Promise.resolve(kernel.start({}, () => at(path)).pid),
    move,
    /** Makes a member of the threaded domain a member of one of its threaded cgroups. */
    join: move,
    thread: (path: string): void => void kernel.threaded.add(at(path)),
    inode,
    procs,
    threads: (path: string): readonly number[] => kernel.threads(controller, at(path)),
    populated: (path: string): boolean => members(path).length > 0,
    /** A function that reads the list. */
    open: (path: string) => {
      const opened = inode(path);
      return () => (inode(path) === opened ? procs(path) : 'ENODEV');
    },
    walk: (before: (path: string) => void): Scan =>
      kernel.scan(controller, (path) => before(path.slice(1))),
  };
}

/** One of the two kernels, below a cgroup of the test. */
type Kernel = ReturnType<typeof madeKernel>;

/** Cgroups of this machine, until the end of the test. */
function realKernel(mountPoint: string): Kernel {
  const top = join(mountPoint, `rollcall-tricks-${process.pid}`);
  const children: ChildProcess[] = [];
  const opened: number[] = [];
  const fileOf = (path: string, file = ''): string => join(top, path, file);
  const write = (path: string, file: string, text: string): void =>
    fs.writeFileSync(fileOf(path, file), text);
  const read = (path: string, file: string): string => fs.readFileSync(fileOf(path, file), 'utf8');
  const move = (pid: number, path: string): void => write(path, 'cgroup.procs', `${pid}`);
  const remove = (path: string): string => errnoOfCall(() => fs.rmdirSync(fileOf(path)));
  fs.mkdirSync(top);
  atEndOfTest(async () => {
    for (const fd of opened) fs.closeSync(fd);
    for (const child of children) child.kill('SIGKILL');
    await removeTree(top);
  });
  return {
    make: (path) => fs.mkdirSync(fileOf(path)),
    remove,
    rename: (from, to) => errnoOfCall(() => fs.renameSync(fileOf(from), fileOf(to))),
    start: async (path) => {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      children.push(child);
      await once(child, 'spawn');
      move(child.pid ?? 0, path);
      return child.pid ?? 0;
    },
    move,
    join: (pid, path) => write(path, 'cgroup.threads', `${pid}`),
    thread: (path) => write(path, 'cgroup.type', 'threaded'),
    inode: (path) => fs.statSync(fileOf(path)).ino,
    procs: (path) => pidsOrErrno(() => read(path, 'cgroup.procs')),
    threads: (path) => pidsIn(read(path, 'cgroup.threads')),
    populated: (path) => /^populated 1$/m.test(read(path, 'cgroup.events')),
    open: (path) => {
      const fd = fs.openSync(fileOf(path, 'cgroup.procs'), 'r');
      opened.push(fd);
      const bytes = Buffer.alloc(1024 * 1024);
      return () => pidsOrErrno(() => bytes.toString('latin1', 0, fs.readSync(fd, bytes)));
    },
    walk: (before) => {
      const reader = new HookedReader((file) => before(file.split('/').at(-2) ?? ''));
      const openedAt = asByteString(top);
      return scanAtOnce(reader, {
        controller: 'v2',
        openedAt,
        scope: asByteString('/'),
        first: [],
      });
    },
  };
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

function pidsOrErrno(read: () => string): readonly number[] | string {
  try {
    return pidsIn(read());
  } catch (error) {
    return errnoOf(error);
  }
}

/** Answers the steps of a script about one kernel: empty where a step succeeds. */
function tellerOf(kernel: Kernel): (step: string) => Promise<string> {
  const pids = new Map<string, number>();
  const inodes: number[] = [];
  let reading: ReturnType<Kernel['open']> = () => 'nothing is open';
  const pidOf = (name: string): number => pids.get(name) ?? 0;

  function numberOf(inode: number): string {
    if (!inodes.includes(inode)) inodes.push(inode);
    return `#${inodes.indexOf(inode) + 1}`;
  }

  function named(found: readonly number[] | string): string {
    if (typeof found === 'string') return found;
    return [...pids].flatMap(([name, pid]) => (found.includes(pid) ? [name] : [])).join();
  }

  function shown(scan: Scan): string {
    if (scan.kind === 'failed') return scan.errno;
    const below = scan.directories.filter(({ path }) => /^\/(?:$|[ab])/.test(path));
    return below
      .map((one) => [one.path === '/' ? '.' : one.path.slice(1), named(one.pids), one.trouble])
      .map((words) => words.filter(Boolean).join(' '))
      .toSorted()
      .join(', ');
  }

  /** The two processes, each in one of two directories, swap before the second of these is read. */
  function swapping(one: string, other: string): string {
    const [p = 0, q = 0] = pids.values();
    let isFirst = true;
    const scan = kernel.walk((path) => {
      if (path !== one && path !== other) return;
      if (!isFirst) {
        kernel.move(p, other);
        kernel.move(q, one);
      }
      isFirst = false;
    });
    const seen = scan.kind === 'seen' ? scan.directories.flatMap((each) => each.pids) : [];
    const times = [p, q].map((pid) => seen.filter((member) => member === pid).length);
    return `${Math.min(...times)} and ${Math.max(...times)}`;
  }

  const verbs: Readonly<
    Record<string, (one: string, other: string) => string | void | Promise<void>>
  > = {
    make: (path) => kernel.make(path),
    remove: (path) => kernel.remove(path),
    rename: (from, to) => kernel.rename(from, to),
    start: async (name, path) => void pids.set(name, await kernel.start(path)),
    move: (name, path) => kernel.move(pidOf(name), path),
    join: (name, path) => kernel.join(pidOf(name), path),
    thread: (path) => kernel.thread(path),
    inode: (path) => numberOf(kernel.inode(path)),
    procs: (path) => named(kernel.procs(path)) || 'nobody',
    threads: (path) => named(kernel.threads(path)),
    populated: (path) => (kernel.populated(path) ? '1' : '0'),
    open: (path) => void (reading = kernel.open(path)),
    read: () => named(reading()),
    walk: () => shown(kernel.walk(() => undefined)),
    'walk-removing': (removed) =>
      shown(kernel.walk((path) => void (path === removed && kernel.remove(path)))),
    'walk-swapping': swapping,
  };
  return async (step) => {
    const [verb = '', one = '.', other = '.'] = step.split(' ');
    const act = verbs[verb];
    if (act === undefined) throw new Error(`There is no step "${step}".`);
    return (await act(one, other)) ?? '';
  };
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
          const tell = tellerOf(kernel);
          const answers: typeof expected = [];
          for (const { step } of expected) answers.push({ step, answer: await tell(step) });
          return answers;
        };
        expect(await told(madeKernel(version)), 'made').to.deep.equal(expected);
        expect(await told(realKernel(mountPoint)), 'real').to.deep.equal(expected);
      });
    }
});
