import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeTree } from '../../tools/demo-cell/cgroups/cgroup-tree.ts';
import { hostHierarchies } from '../../tools/demo-cell/cgroups/hierarchies.ts';
import { errnoOf } from '../../src/model/failure.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { Walk } from '../../src/model/walk.ts';
import { walkAtOnce } from '../../src/probe/walk/walk-hierarchy.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { MadeKernel } from '../invariants/made-kernel.ts';
import { skip } from '../skip.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

type Version = 1 | 2;

/** What one of the two kernels does, with expectations that hold for both. */
interface Trick {
  readonly versions: readonly Version[];
  readonly play: (kernel: Kernel) => Promise<void>;
}

/** What the made kernel of test/invariants does as the real one, and what a walk makes of it. */
const TRICKS: Readonly<Record<string, Trick>> = {
  'gives no inode again to a directory of the same name': {
    versions: [1, 2],
    play: (kernel) => {
      const inodes = Array.from({ length: 3 }, () => {
        kernel.make('a');
        const inode = kernel.inode('a');
        kernel.remove('a');
        return inode;
      });
      expect(new Set(inodes)).to.have.lengthOf(3);
      return Promise.resolve();
    },
  },
  'keeps the inode and the processes of a renamed directory': {
    versions: [1],
    play: async (kernel) => {
      kernel.make('a');
      const pid = await kernel.start('a');
      const inode = kernel.inode('a');
      expect(kernel.rename('a', 'b')).to.equal('');
      expect(kernel.inode('b')).to.equal(inode);
      expect(kernel.procs('b')).to.deep.equal([pid]);
      expect(kernel.procs('a')).to.equal('ENOENT');
    },
  },
  'renames no directory of v2': {
    versions: [2],
    play: (kernel) => {
      kernel.make('a');
      expect(kernel.rename('a', 'b')).to.equal('EPERM');
      expect(kernel.procs('a')).to.deep.equal([]);
      return Promise.resolve();
    },
  },
  'removes no directory that has processes': {
    versions: [1, 2],
    play: async (kernel) => {
      kernel.make('a');
      const pid = await kernel.start('a');
      expect(kernel.remove('a')).to.equal('EBUSY');
      kernel.move(pid, '.');
      expect(kernel.remove('a')).to.equal('');
      expect(kernel.procs('a')).to.equal('ENOENT');
    },
  },
  'answers ENODEV to who has opened a list of a directory that is removed': {
    versions: [1, 2],
    play: (kernel) => {
      kernel.make('a');
      const read = kernel.open('a');
      kernel.remove('a');
      expect(read()).to.equal('ENODEV');
      kernel.make('a');
      expect(read()).to.equal('ENODEV');
      return Promise.resolve();
    },
  },
  'may remove a directory between its listing and its reading': {
    versions: [1, 2],
    play: (kernel) => {
      kernel.make('a');
      kernel.make('b');
      const walk = kernel.walk((path) => void (path === 'a' && kernel.remove('a')));
      expect(directoriesIn(walk)).to.deep.equal({ '.': [], b: [] });
      expect(directoriesIn(kernel.walk(() => undefined))).to.deep.equal({ '.': [], b: [] });
      return Promise.resolve();
    },
  },
  'shows a process twice or never that moves during a walk': {
    versions: [1, 2],
    play: async (kernel) => {
      kernel.make('a');
      kernel.make('b');
      const [one, other] = [await kernel.start('a'), await kernel.start('b')];
      let isFirst = true;
      const walk = kernel.walk((path) => {
        if (path !== 'a' && path !== 'b') return;
        // The two processes swap their directories before the second of these is read.
        if (!isFirst) {
          kernel.move(one, 'b');
          kernel.move(other, 'a');
        }
        isFirst = false;
      });
      const seen = Object.values(directoriesIn(walk)).flat();
      const timesSeen = [one, other].map((pid) => seen.filter((each) => each === pid).length);
      expect(timesSeen).to.have.members([0, 2]);
    },
  },
  // The kernel's EOPNOTSUPP is ENOTSUP in Node: the walk knew only the former, so one threaded
  // cgroup made every verdict unknown for as long as it existed.
  'lists only the threads of a threaded cgroup, and its processes in the domain above it': {
    versions: [2],
    play: async (kernel) => {
      kernel.make('a');
      kernel.make('a/t');
      kernel.thread('a/t');
      const pid = await kernel.start('a');
      kernel.join(pid, 'a/t');
      expect(kernel.procs('a/t')).to.equal('ENOTSUP');
      expect(kernel.threads('a/t')).to.deep.equal([pid]);
      expect(kernel.procs('a')).to.deep.equal([pid]);
      const walk = kernel.walk(() => undefined);
      expect(directoriesIn(walk)).to.deep.equal({ '.': [], a: [pid], 'a/t': [pid] });
    },
  },
  'calls a cgroup populated whose own list is empty': {
    versions: [2],
    play: async (kernel) => {
      kernel.make('a');
      kernel.make('a/b');
      const pid = await kernel.start('a/b');
      expect(kernel.procs('a')).to.deep.equal([]);
      expect(kernel.populated('a')).to.equal(true);
      kernel.move(pid, '.');
      expect(kernel.populated('a')).to.equal(false);
    },
  },
};

/**
 * The pids in each directory that a walk saw, but for what others have at the top of the hierarchy.
 */
function directoriesIn(walk: Walk): Readonly<Record<string, readonly number[]>> {
  if (walk.kind === 'failed') throw new Error(walk.errno);
  const own = walk.directories.filter(({ path }) => /^\/(?:$|[ab])/.test(path));
  return Object.fromEntries(
    own.map(({ path, pids, trouble }) => {
      expect(trouble ?? null, path).to.equal(null);
      return [path === '/' ? '.' : path.slice(1), pids];
    }),
  );
}

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
    walk: (before: (path: string) => void): Walk =>
      kernel.walk(controller, (path) => before(path.slice(1))),
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
      return walkAtOnce(reader, {
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

describe('the made kernel, as the real one,', () => {
  const mounts = new Map<Version, string>();

  before(function () {
    if (process.platform !== 'linux') skip(this, 'needs Linux');
    if (process.getuid?.() !== 0) skip(this, 'needs root to make cgroups');
    for (const { version, controllers, mountPoint } of hostHierarchies())
      if (version === 2 || controllers.includes('pids')) mounts.set(version, mountPoint);
  });

  for (const [title, { versions, play }] of Object.entries(TRICKS))
    for (const version of versions) {
      it(`${title} (v${version})`, async function () {
        const mountPoint = mounts.get(version);
        if (mountPoint === undefined) skip(this, `needs a mount of cgroup v${version}`);
        await play(madeKernel(version));
        await play(realKernel(mountPoint));
      });
    }
});
