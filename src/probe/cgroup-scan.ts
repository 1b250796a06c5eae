import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';
import type { ByteString } from '../model/ids.ts';
import { isAtOrBelow, joinPath, nameOf, parentOf } from '../model/paths.ts';
import type { CgroupDirectory, Scan, ScanPlan, UnseenBelow } from '../model/scan.ts';
import { CrowdedDirectories, type CrowdedWalk } from './crowded-directories.ts';
import type { KernelReader } from './kernel-reader.ts';
import { RenamedDirectories } from './renamed-directories.ts';
import { childDirectories, childOf, firstFrame, type Frame } from './scan-frame.ts';
import { Standpoint } from './standpoint.ts';

/** Limits of one walk. What lies beyond them is reported as unseen, never as empty. */
const MAX_DIRECTORIES = 60_000;
const MAX_DEPTH = 48;
/** Directories between two pauses: about 5 ms of work. */
const SLICE = 500;
/** With at least this many children, the walk changes into the parent directory. */
const MANY = 16;

/** What a walk saw of the containers and units: each with everything below it. */
export type WalkedTops = ReadonlyMap<ByteString, readonly CgroupDirectory[]>;

export interface WalkRecord {
  /** Taken from the walk before, if they are still there, instead of read. */
  readonly kept: WalkedTops;
  /** What the walk before saw: if all these children are there, and as many as then, there are no others. */
  readonly before: WalkedTops;
  /** Filled by the walk. */
  readonly tops: Map<ByteString, readonly CgroupDirectory[]>;
  readonly above: CgroupDirectory[];
  readonly crowded: CrowdedWalk;
}

/** Of a walk that reads everything but what exceeds a limit. */
export const newRecord = (crowded = new CrowdedDirectories()): WalkRecord => ({
  kept: new Map(),
  before: new Map(),
  tops: new Map(),
  above: [],
  crowded: crowded.startsWalk(),
});

/**
 * Walks one hierarchy below the plan's scope and visits the plan's `first` paths before their
 * siblings. It visits all containers and units before anything below them: the limit of the whole
 * walk then cuts only deep levels, and a container with many cgroups takes nothing from the others.
 * It yields between slices so that a daemon can answer requests. A leaf costs five system calls:
 * stat (for the inode, and the number of children: nlink - 2), open, read, read, close. A directory
 * that vanishes during the walk has been removed, which is normal, or renamed (v1): its parent is
 * listed again to find it. A missing scope is a failure. Of Garden directories with more children
 * than one pass reads, it reads the known ones and a part of the others.
 */
export function* scanHierarchy(
  reader: KernelReader,
  plan: ScanPlan,
  record = newRecord(),
): Generator<void, Scan> {
  const standpoint = new Standpoint();
  const renamed = new RenamedDirectories();
  try {
    return yield* walk({ reader, plan, standpoint, renamed }, record);
  } finally {
    standpoint.leave();
    renamed.close();
  }
}

interface WalkTools {
  readonly reader: KernelReader;
  readonly plan: ScanPlan;
  readonly standpoint: Standpoint;
  readonly renamed: RenamedDirectories;
}

function* walk(
  { reader, plan, standpoint, renamed }: WalkTools,
  { kept, before, tops: seenTops, above, crowded }: WalkRecord,
): Generator<void, Scan> {
  const directories: CgroupDirectory[] = [];
  const unseen: UnseenBelow[] = [];
  const stack: Frame[] = [firstFrame(plan)];
  const tops: { readonly frame: Frame; readonly children: number }[] = [];
  let left = MAX_DIRECTORIES;
  let slice = SLICE;
  const cut = ({ path, budget }: Frame): void => {
    const of = budget === null ? parentOf(path) : budget.of;
    if (budget === null ? unseen.at(-1)?.path === of : budget.isCut) return;
    if (budget !== null) budget.isCut = true;
    unseen.push({ path: of, why: 'bound', errno: null });
  };

  const isKept = (path: ByteString): boolean => {
    const unread = kept.get(path);
    if (unread === undefined) return false;
    for (const directory of unread) directories.push(directory);
    seenTops.set(path, unread);
    left -= unread.length;
    return true;
  };

  const open = (frame: Frame, onDisk: string | Buffer, children: number): void => {
    try {
      const known = knownChildren(frame, before);
      const names = known.length === children ? known : childDirectories(onDisk);
      pushChildren(stack, frame, names, isKept);
    } catch (error) {
      const errno = errnoOf(error);
      if (isGone(errno)) renamed.add(frame);
      else unseen.push({ path: frame.path, why: 'unreadable', errno });
    }
  };

  const openGarden = (frame: Frame, onDisk: string | Buffer, count: number): void => {
    const names = crowded.names(`${frame.from}/${frame.below}`, count);
    if (names === null) {
      open(frame, onDisk, count);
      return;
    }
    renamed.leaveOut(frame);
    unseen.push({ path: frame.path, why: 'many', errno: null });
    pushChildren(stack, frame, names, isKept);
  };

  for (let next = 0; ;) {
    const frame = stack.pop();
    if (frame === undefined) {
      const top = tops[next];
      if (top === undefined) {
        const parent = renamed.next();
        if (parent === null || left <= 0) break;
        stack.push(...renamed.lookAgain(parent, { directories, unseen }));
        continue;
      }
      next += 1;
      const {
        frame: { from, below },
      } = top;
      if (left <= 0) cut(top.frame);
      else open(top.frame, standpoint.pathTo(from, below), top.children);
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
    const was = knownDirectories(frame, before).find(({ path }) => path === frame.path);
    const seen = { path: frame.path, inode: stat.ino, was };
    const directory = readDirectory(reader, onDisk, seen);
    if (directory === null) {
      if (renamed.add(frame)) continue;
      return { kind: 'failed', controller: plan.controller, errno: 'ENODEV' };
    }
    if (!frame.isRead) {
      directories.push(directory);
      (budget?.seen ?? above).push(directory);
      if (budget !== null) seenTops.set(budget.of, budget.seen);
    }
    if (stat.nlink !== 2) {
      const children = stat.nlink - 2;
      if (zone === 'top') tops.push({ frame, children });
      else if (zone === 'garden' || zone === 'throttling') openGarden(frame, onDisk, children);
      else open(frame, onDisk, children);
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

function pushChildren(
  stack: Frame[],
  frame: Frame,
  names: readonly string[],
  isKept: (path: ByteString) => boolean,
): void {
  const opened = `${frame.from}/${frame.below}`;
  const areMany = names.length >= MANY;
  const last: Frame[] = [];
  for (const name of names) {
    const path = joinPath(frame.path, name);
    if (isKept(path)) continue;
    const child = childOf(frame, path, {
      from: areMany ? opened : frame.from,
      below: areMany ? name : `${frame.below}/${name}`,
    });
    const isAhead = frame.first.some((one) => isAtOrBelow(one, child.path));
    (isAhead ? last : stack).push(child);
  }
  for (const child of last) stack.push(child);
}

/** Of the same container or unit in the walk before, if they are few. */
function knownDirectories({ budget }: Frame, before: WalkedTops): readonly CgroupDirectory[] {
  const known = budget === null ? undefined : before.get(budget.of);
  return known === undefined || known.length > MANY ? [] : known;
}

/** The children in the walk before, last first, so that they are read in its order. */
function knownChildren(frame: Frame, before: WalkedTops): readonly string[] {
  const names: string[] = [];
  for (const { path } of knownDirectories(frame, before))
    if (parentOf(path) === frame.path) names.unshift(nameOf(path));
  return names;
}

/** As in the walk before if it is the same, null if it is gone. Threaded (v2): only threads. */
function readDirectory(
  reader: KernelReader,
  onDisk: string | Buffer,
  { path, inode, was }: { path: ByteString; inode: number; was: CgroupDirectory | undefined },
): CgroupDirectory | null {
  let result = reader.whole(fileIn(onDisk, '/cgroup.procs'));
  if (result.kind === 'failed' && THREADS_ONLY.has(result.errno)) {
    result = reader.whole(fileIn(onDisk, '/cgroup.threads'));
  }
  if (result.kind === 'failed')
    return isGone(result.errno) ? null : { path, inode, pids: [], trouble: result.errno };
  const { text } = result;
  const isSame = was?.inode === inode && was.trouble === null && text === textOf(was.pids);
  return isSame ? was : { path, inode, pids: pidsIn(text), trouble: null };
}

/** A line for each. */
const textOf = (pids: readonly number[]): string =>
  pids.length === 0 ? '' : `${pids.join('\n')}\n`;

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
