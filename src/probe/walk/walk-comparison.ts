import fs from 'node:fs';
import type { ByteString } from '../../model/ids.ts';
import { nameOf, parentOf } from '../../model/paths.ts';
import type { CgroupDirectory, WalkPlan } from '../../model/walk.ts';
import { membersOf, NO_CHILDREN, type WalkedAbove } from './walk-hierarchy.ts';
import { type KernelReader, openablePath } from '../kernel-reader.ts';
import { Standpoint } from './standpoint.ts';

/** Directories between two pauses: about 5 ms of work. */
const SLICE = 250;

/** A container or unit of a walk: its directory, then those below it. */
export interface KnownTop {
  readonly path: ByteString;
  readonly directories: readonly CgroupDirectory[];
}

/** Whether directories are as a walk read them. */
export interface WalkComparison {
  /** The names of those that are not. */
  differing(plan: WalkPlan, tops: readonly KnownTop[]): Generator<void, Set<ByteString>>;
  /** Whether all of them are, and list the same. */
  areStillAbove(plan: WalkPlan, above: readonly WalkedAbove[]): Generator<void, boolean>;
}

/** Makes the system calls of a walk and compares what they return, without making anything of it. */
export const walkComparison = (reader: KernelReader): WalkComparison => ({
  *differing({ openedAt }, tops) {
    const differing = new Set<ByteString>();
    const standpoint = new Standpoint();
    let slice = SLICE;
    try {
      for (const { path, directories } of tops) {
        const from = openedAt + parentOf(path);
        let children = 0;
        let left = directories.length;
        for (const directory of directories) {
          const below = directory.path.slice(path.length - nameOf(path).length);
          const links = linksOf(reader, standpoint.pathTo(from, below), directory);
          if (links === null) break;
          children += links - NO_CHILDREN;
          left -= 1;
          if (--slice > 0) continue;
          slice = SLICE;
          standpoint.leave();
          yield;
        }
        // If each of them is there, they are all the children that there can be.
        if (left > 0 || children !== directories.length - 1) differing.add(nameOf(path));
      }
    } finally {
      standpoint.leave();
    }
    return differing;
  },

  *areStillAbove({ openedAt }, above) {
    let slice = SLICE;
    for (const { directory, links, entries } of above) {
      const onDisk = openablePath(openedAt + directory.path);
      if (linksOf(reader, onDisk, directory) !== links) return false;
      if (links !== NO_CHILDREN && !areListed(entries, onDisk)) return false;
      if (--slice > 0) continue;
      slice = SLICE;
      yield;
    }
    return true;
  },
});

/** Null if it is not the same directory with the same members. */
function linksOf(
  reader: KernelReader,
  onDisk: string | Buffer,
  { inode, pids }: CgroupDirectory,
): number | null {
  try {
    const stat = fs.statSync(onDisk, { throwIfNoEntry: false });
    if (stat?.ino !== inode) return null;
    return membersOf(reader, onDisk) === textOf(pids) ? stat.nlink : null;
  } catch {
    return null;
  }
}

/** A line for each. */
const textOf = (pids: readonly number[]): string =>
  pids.length === 0 ? '' : `${pids.join('\n')}\n`;

function areListed(entries: readonly string[], onDisk: string | Buffer): boolean {
  try {
    const listed = fs.readdirSync(onDisk, 'latin1');
    return listed.length === entries.length && listed.every((name, n) => name === entries[n]);
  } catch {
    return false;
  }
}
