import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';
import type { ByteString } from '../model/ids.ts';
import { isAtOrBelow, isGardenDirectory, joinPath, parentOf } from '../model/paths.ts';
import { type KernelReader, openablePath } from './kernel-reader.ts';
import type { CgroupDirectory, Scan, ScanPlan, UnseenBelow } from '../model/scan.ts';

/** Limits of one walk. What lies beyond them is reported as unseen, never as empty. */
const MAX_DIRECTORIES = 60_000;
/** The limit for one container, or for one unit next to the path to gdn. */
const MAX_OF_ONE = 2048;
const MAX_DEPTH = 48;
/** Directories between two pauses: about 5 ms of work. */
const SLICE = 500;
/** With at least this many children, the walk changes into the parent directory. */
const MANY = 16;

/**
 * Decides only which limits apply; src/reconcile decides what a directory is. `ancestor`: the
 * scope, and the ancestors of gdn's cgroup. `top`: a child of these or of Garden's directories, so
 * a container or a unit.
 */
type Zone = 'ancestor' | 'garden' | 'throttling' | 'top' | 'below';

interface Frame {
  readonly path: ByteString;
  /**
   * The nearest ancestor with many children. The directory is opened at `below`, relative to it.
   */
  readonly from: string;
  readonly below: string;
  readonly depth: number;
  readonly zone: Zone;
  /** Those of the plan's `first` paths that lie below this directory. */
  readonly first: readonly ByteString[];
  /** Shared by a `top` directory and everything below it; null above the `top` directories. */
  readonly budget: Budget | null;
}

interface Budget {
  left: number;
  readonly of: ByteString;
  readonly seen: CgroupDirectory[];
  isCut: boolean;
}

/** What a walk saw of the containers and units: each with everything below it. */
export type WalkedTops = ReadonlyMap<ByteString, readonly CgroupDirectory[]>;

export interface WalkRecord {
  /** Taken from the walk before, if they are still there, instead of read. */
  readonly kept: WalkedTops;
  /** Filled by the walk. */
  readonly tops: Map<ByteString, readonly CgroupDirectory[]>;
  readonly above: CgroupDirectory[];
}

const noRecord = (): WalkRecord => ({ kept: new Map(), tops: new Map(), above: [] });

/**
 * Walks one hierarchy below the plan's scope and visits the plan's `first` paths before their
 * siblings. It visits all containers and units before anything below them: the limit of the whole
 * walk then cuts only deep levels, and a container with many cgroups takes nothing from the others.
 * It yields between slices so that a daemon can answer requests. A leaf costs five system calls:
 * stat (for the inode; nlink 2 means no children), open, read, read, close. A directory that
 * vanishes during the walk is normal and left out; a missing scope is a failure.
 */
export function* scanHierarchy(
  reader: KernelReader,
  plan: ScanPlan,
  record = noRecord(),
): Generator<void, Scan> {
  const standpoint = new Standpoint();
  try {
    return yield* walk(reader, plan, standpoint, record);
  } finally {
    standpoint.leave();
  }
}

function* walk(
  reader: KernelReader,
  plan: ScanPlan,
  standpoint: Standpoint,
  { kept, tops: seenTops, above }: WalkRecord,
): Generator<void, Scan> {
  const directories: CgroupDirectory[] = [];
  const unseen: UnseenBelow[] = [];
  const stack: Frame[] = [firstFrame(plan)];
  const tops: Frame[] = [];
  let left = MAX_DIRECTORIES;
  let slice = SLICE;
  const cut = ({ path, budget }: Frame): void => {
    const of = budget === null ? parentOf(path) : budget.of;
    if (budget === null ? unseen.at(-1)?.path === of : budget.isCut) return;
    if (budget !== null) budget.isCut = true;
    unseen.push({ path: of, why: 'bound', errno: null });
  };

  for (let next = 0; ;) {
    const frame = stack.pop();
    if (frame === undefined) {
      const top = tops[next++];
      if (top === undefined) break;
      if (left <= 0) cut(top);
      else pushChildren(stack, top, standpoint.pathTo(top.from, top.below), unseen);
      continue;
    }
    const { budget, zone } = frame;
    const unread = zone === 'top' ? kept.get(frame.path) : undefined;
    if (unread !== undefined) {
      directories.push(...unread);
      seenTops.set(frame.path, unread);
      left -= unread.length;
      continue;
    }
    if (left <= 0 || frame.depth > MAX_DEPTH || (budget !== null && budget.left <= 0)) {
      cut(frame);
      continue;
    }
    left -= 1;
    if (budget !== null) budget.left -= 1;
    const onDisk = standpoint.pathTo(frame.from, frame.below);
    let stat: fs.Stats | undefined;
    try {
      stat = fs.statSync(onDisk, { throwIfNoEntry: false });
    } catch (error) {
      unseen.push({ path: frame.path, why: 'unreadable', errno: errnoOf(error) });
      continue;
    }
    if (stat === undefined) {
      if (frame.depth > 0) continue;
      return { kind: 'failed', controller: plan.controller, errno: 'ENOENT' };
    }
    const members = readMembers(reader, onDisk);
    if (members === null) {
      if (frame.depth > 0) continue;
      return { kind: 'failed', controller: plan.controller, errno: 'ENODEV' };
    }
    const directory = { path: frame.path, inode: stat.ino, ...members };
    directories.push(directory);
    if (budget === null) above.push(directory);
    else seenTops.set(budget.of, (budget.seen.push(directory), budget.seen));
    if (stat.nlink !== 2) {
      if (zone === 'top') tops.push(frame);
      else pushChildren(stack, frame, onDisk, unseen);
    }
    if (--slice === 0) {
      slice = SLICE;
      standpoint.leave();
      yield;
    }
  }
  return { kind: 'seen', controller: plan.controller, directories, unseen };
}

/** Runs a walk to its end without pauses. */
export function scanAtOnce(reader: KernelReader, plan: ScanPlan): Scan {
  const steps = scanHierarchy(reader, plan);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const firstFrame = ({ scope, openedAt, first }: ScanPlan): Frame => ({
  path: scope,
  from: openedAt,
  below: `.${scope}`,
  depth: 0,
  zone: 'ancestor',
  first,
  budget: null,
});

function pushChildren(
  stack: Frame[],
  frame: Frame,
  onDisk: string | Buffer,
  unseen: UnseenBelow[],
): void {
  let names: string[];
  try {
    names = childDirectories(onDisk);
  } catch (error) {
    const errno = errnoOf(error);
    if (!isGone(errno)) unseen.push({ path: frame.path, why: 'unreadable', errno });
    return;
  }
  const opened = `${frame.from}/${frame.below}`;
  const areMany = names.length >= MANY;
  const last: Frame[] = [];
  for (const name of names) {
    const path = joinPath(frame.path, name);
    const ahead = frame.first.filter((one) => isAtOrBelow(one, path));
    const zone = zoneOf(frame.zone, name, ahead.length > 0);
    const budget =
      zone === 'top' ? { left: MAX_OF_ONE, of: path, seen: [], isCut: false } : frame.budget;
    (ahead.length > 0 ? last : stack).push({
      path,
      from: areMany ? opened : frame.from,
      below: areMany ? name : `${frame.below}/${name}`,
      depth: frame.depth + 1,
      zone,
      // Below a `first` path the order does not matter.
      first: ahead.includes(path) ? [] : ahead,
      budget,
    });
  }
  for (const child of last) stack.push(child);
}

/**
 * Everything below a `top` directory is `below`, because a privileged container can make Garden
 * directories of its own.
 */
function zoneOf(parent: Zone, name: string, isAhead: boolean): Zone {
  if (parent === 'top' || parent === 'below') return 'below';
  if (parent === 'throttling') return 'top';
  if (parent === 'garden') return name === 'good' || name === 'bad' ? 'throttling' : 'top';
  if (isGardenDirectory(name)) return 'garden';
  return isAhead ? 'ancestor' : 'top';
}

function childDirectories(path: string | Buffer): string[] {
  const entries = fs.readdirSync(path, { withFileTypes: true, encoding: 'latin1' });
  const names: string[] = [];
  for (const entry of entries) if (entry.isDirectory()) names.push(entry.name);
  return names;
}

/** Null if the cgroup is gone. Below a threaded domain (v2) the kernel lists only the threads. */
function readMembers(
  reader: KernelReader,
  path: string | Buffer,
): { pids: readonly number[]; trouble: string | null } | null {
  let result = reader.read(fileIn(path, '/cgroup.procs'));
  if (result.kind === 'failed' && THREADS_ONLY.has(result.errno)) {
    result = reader.read(fileIn(path, '/cgroup.threads'));
  }
  if (result.kind === 'read')
    return { pids: parsePids(reader.buffer, result.length), trouble: null };
  return isGone(result.errno) ? null : { pids: [], trouble: result.errno };
}

/**
 * Errno 95: the kernel does not list the processes of a threaded cgroup. libuv, and so Node, calls
 * it ENOTSUP (measured); the kernel's own name is EOPNOTSUPP.
 */
const THREADS_ONLY: ReadonlySet<string> = new Set(['ENOTSUP', 'EOPNOTSUPP']);

const fileIn = (directory: string | Buffer, file: string): string | Buffer =>
  typeof directory === 'string' ? directory + file : Buffer.concat([directory, Buffer.from(file)]);

/** The cgroup was removed between readdir and open, which is normal: the container ended. */
const isGone = (errno: string): boolean => errno === 'ENOENT' || errno === 'ENODEV';

const NEWLINE = 0x0a;
const ZERO = 0x30;

function parsePids(buffer: Buffer, length: number): number[] {
  const pids: number[] = [];
  let pid = 0;
  for (let index = 0; index < length; index++) {
    const byte = buffer[index];
    if (byte === undefined) break;
    if (byte === NEWLINE) {
      pids.push(pid);
      pid = 0;
    } else pid = pid * 10 + (byte - ZERO);
  }
  return pids;
}

/**
 * The directory from which a walk opens its paths. The kernel looks up each component of a path on
 * every open, in cgroupfs under a lock each (kernfs_dop_revalidate), and Node has no openat: with
 * paths from `/`, a scan of 1,000 containers took 7.5 ms instead of 5.7. The process therefore
 * changes into a directory with many children. The whole process shares its working directory, so a
 * walk must call `leave` before any other code runs.
 */
class Standpoint {
  readonly #home = currentDirectory();
  #at: string | null = null;

  /** The shortest path to an entry below a directory, valid until the next call. */
  pathTo(directory: string, below: string): string | Buffer {
    return openablePath(this.#standOn(directory) ? below : `${directory}/${below}`);
  }

  leave(): void {
    if (this.#at === null) return;
    this.#at = null;
    if (!go(this.#home)) go('/');
  }

  #standOn(directory: string): boolean {
    if (this.#at === directory) return true;
    if (this.#home === '' || typeof openablePath(directory) !== 'string') return false;
    if (!go(directory)) return false;
    this.#at = directory;
    return true;
  }
}

/** Empty if the directory was removed. The process could not return to it, so it does not leave. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

function go(directory: string): boolean {
  try {
    process.chdir(directory);
    return true;
  } catch {
    return false;
  }
}
