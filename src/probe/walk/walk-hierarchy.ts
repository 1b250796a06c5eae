import fs from 'node:fs';
import { errnoOf } from '../../model/failure.ts';
import type { ByteString } from '../../model/ids.ts';
import { isAtOrBelow, joinPath, parentOf } from '../../model/paths.ts';
import type { CgroupDirectory, Walk, WalkPlan, UnseenBelow } from '../../model/walk.ts';
import { CrowdedDirectories, type CrowdedWalk } from './crowded-directories.ts';
import type { KernelReader, Unread } from '../kernel-reader.ts';
import { RenamedDirectories } from './renamed-directories.ts';
import { childOf, firstFrame, listing, type Frame } from './frame.ts';
import { Standpoint } from './standpoint.ts';

/** Limits of one walk. What lies beyond them is reported as unseen, never as empty. */
const MAX_DIRECTORIES = 60_000;
const MAX_DEPTH = 48;
/** Directories between two pauses: about 5 ms of work. */
const SLICE = 500;
/** With at least this many children, the walk changes into the parent directory. */
const MANY = 16;
/** The number of links of a directory without children: its own name and its `.`. */
export const NO_CHILDREN = 2;

/** What a walk saw of the containers and units: each with everything below it. */
export type WalkedTops = ReadonlyMap<ByteString, readonly CgroupDirectory[]>;

/** A directory above them, with all that it lists, and its number of links. */
export interface WalkedAbove {
  readonly directory: CgroupDirectory;
  readonly links: number;
  /** Empty if the links show no children, or if it was not listed as a whole. */
  readonly entries: readonly string[];
}

export interface WalkRecord {
  /** Taken from the walk before, if they are still there, instead of read. */
  readonly reused: WalkedTops;
  /** Filled by the walk. */
  readonly tops: Map<ByteString, readonly CgroupDirectory[]>;
  readonly above: WalkedAbove[];
  readonly crowded: CrowdedWalk;
}

/** The empty record of a walk that reads everything but what exceeds a limit. */
export const newRecord = (crowded = new CrowdedDirectories()): WalkRecord => ({
  reused: new Map(),
  tops: new Map(),
  above: [],
  crowded: crowded.startsWalk(),
});

/**
 * Walks one hierarchy below the plan's scope and reads the plan's `first` paths before their
 * siblings. It reads all containers and units before anything below them: the limit of the whole
 * walk then cuts only deep levels, and a container with many cgroups takes nothing from the others.
 * It yields between slices so that a daemon can answer requests. A leaf costs five system calls:
 * stat (for the inode, and the number of children: nlink - 2), open, read, read, close. A directory
 * that vanishes during the walk has been removed, which is normal, or renamed (v1): its parent is
 * listed again to find it. A missing scope is a failure. Of Garden directories with more children
 * than one pass reads, it reads the known ones and a part of the others.
 */
export function* walkHierarchy(
  reader: KernelReader,
  plan: WalkPlan,
  record = newRecord(),
): Generator<void, Walk> {
  const standpoint = new Standpoint();
  const renamed = new RenamedDirectories();
  try {
    return yield* walkFrom({ reader, plan, standpoint, renamed }, record);
  } finally {
    standpoint.leave();
    renamed.close();
  }
}

interface WalkTools {
  readonly reader: KernelReader;
  readonly plan: WalkPlan;
  readonly standpoint: Standpoint;
  readonly renamed: RenamedDirectories;
}

function* walkFrom(
  { reader, plan, standpoint, renamed }: WalkTools,
  { reused, tops: seenTops, above, crowded }: WalkRecord,
): Generator<void, Walk> {
  const directories: CgroupDirectory[] = [];
  const unseen: UnseenBelow[] = [];
  const stack = [firstFrame(plan)];
  const tops: Frame[] = [];
  let left = MAX_DIRECTORIES;
  let slice = SLICE;
  const cut = ({ path, budget }: Frame): void => {
    const of = budget === null ? parentOf(path) : budget.of;
    if (budget === null ? unseen.at(-1)?.path === of : budget.isCut) return;
    if (budget !== null) budget.isCut = true;
    unseen.push({ path: of, why: 'bound', errno: null });
  };

  const isReused = (path: ByteString): boolean => {
    const unread = reused.get(path);
    if (unread === undefined) return false;
    for (const directory of unread) directories.push(directory);
    seenTops.set(path, unread);
    left -= unread.length;
    return true;
  };

  /** Returns all that it lists. */
  const open = (frame: Frame, onDisk: string | Buffer): readonly string[] => {
    try {
      const { entries, names } = listing(onDisk);
      pushChildren(stack, frame, names, isReused);
      return entries;
    } catch (error) {
      const errno = errnoOf(error);
      if (isGone(errno)) renamed.add(frame);
      else unseen.push({ path: frame.path, why: 'unreadable', errno });
      return [];
    }
  };

  const openAbove = (frame: Frame, onDisk: string | Buffer, links: number): readonly string[] => {
    if (links === NO_CHILDREN) return [];
    const { from, below, zone } = frame;
    const isOfGarden = zone === 'garden' || zone === 'throttling';
    const names = isOfGarden ? crowded(`${from}/${below}`, links - NO_CHILDREN) : null;
    if (names === null) return open(frame, onDisk);
    renamed.leaveOut(frame);
    unseen.push({ path: frame.path, why: 'many', errno: null });
    pushChildren(stack, frame, names, isReused);
    return [];
  };

  for (let next = 0; ;) {
    const frame = stack.pop();
    if (frame === undefined) {
      const top = tops[next];
      if (top === undefined) {
        const parent = renamed.next();
        if (parent === null || left <= 0) break;
        stack.push(...renamed.unreadIn(parent, { directories, unseen }));
        continue;
      }
      next += 1;
      if (left <= 0) cut(top);
      else open(top, standpoint.pathTo(top.from, top.below));
      continue;
    }
    const { budget, zone } = frame;
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
      if (renamed.add(frame)) continue;
      return { kind: 'failed', controller: plan.controller, errno: 'ENOENT' };
    }
    const { ino: inode, nlink: links } = stat;
    const directory = readDirectory(reader, onDisk, { path: frame.path, inode });
    if (directory === null) {
      if (renamed.add(frame)) continue;
      return { kind: 'failed', controller: plan.controller, errno: 'ENODEV' };
    }
    if (!frame.isRead) {
      directories.push(directory);
      budget?.seen.push(directory);
      if (budget !== null) seenTops.set(budget.of, budget.seen);
    }
    if (budget === null) {
      const entries = openAbove(frame, onDisk, links);
      if (!frame.isRead) above.push({ directory, links, entries });
    } else if (links !== NO_CHILDREN) {
      if (zone === 'top') tops.push(frame);
      else open(frame, onDisk);
    }
    if (--slice === 0) {
      slice = SLICE;
      standpoint.leave();
      yield;
    }
  }
  return { kind: 'read', controller: plan.controller, directories, unseen };
}

/** Runs a walk to its end without pauses. */
export function walkAtOnce(reader: KernelReader, plan: WalkPlan): Walk {
  const steps = walkHierarchy(reader, plan);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function pushChildren(
  stack: Frame[],
  frame: Frame,
  names: readonly string[],
  isReused: (path: ByteString) => boolean,
): void {
  const opened = `${frame.from}/${frame.below}`;
  const areMany = names.length >= MANY;
  const last: Frame[] = [];
  for (const name of names) {
    const path = joinPath(frame.path, name);
    if (isReused(path)) continue;
    const child = childOf(frame, path, {
      from: areMany ? opened : frame.from,
      below: areMany ? name : `${frame.below}/${name}`,
    });
    const isAhead = frame.first.some((one) => isAtOrBelow(one, child.path));
    (isAhead ? last : stack).push(child);
  }
  for (const child of last) stack.push(child);
}

/** Null if it is gone. */
function readDirectory(
  reader: KernelReader,
  onDisk: string | Buffer,
  { path, inode }: Pick<CgroupDirectory, 'path' | 'inode'>,
): CgroupDirectory | null {
  const members = membersOf(reader, onDisk);
  if (typeof members === 'string') return { path, inode, pids: pidsIn(members), trouble: null };
  return isGone(members.errno) ? null : { path, inode, pids: [], trouble: members.errno };
}

/** The text of `cgroup.procs`, or of `cgroup.threads` where the cgroup is threaded (v2). */
export function membersOf(reader: KernelReader, onDisk: string | Buffer): string | Unread {
  const members = reader.whole(fileIn(onDisk, '/cgroup.procs'));
  return typeof members !== 'string' && THREADS_ONLY.has(members.errno)
    ? reader.whole(fileIn(onDisk, '/cgroup.threads'))
    : members;
}

const pidsIn = (text: string): readonly number[] => text.split('\n').slice(0, -1).map(Number);

/**
 * Errno 95: the kernel does not list the processes of a threaded cgroup. libuv, and so Node, calls
 * it ENOTSUP (measured); the kernel's own name is EOPNOTSUPP.
 */
const THREADS_ONLY: ReadonlySet<string> = new Set(['ENOTSUP', 'EOPNOTSUPP']);

const fileIn = (directory: string | Buffer, file: string): string | Buffer =>
  typeof directory === 'string' ? directory + file : Buffer.concat([directory, Buffer.from(file)]);

/** The cgroup was removed between readdir and open, which is normal: the container ended. */
const isGone = (errno: string): boolean => errno === 'ENOENT' || errno === 'ENODEV';
