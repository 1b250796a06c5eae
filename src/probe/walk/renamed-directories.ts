import fs from 'node:fs';
import type { ByteString } from '../../model/ids.ts';
import { joinPath, parentOf } from '../../model/paths.ts';
import type { CgroupDirectory, UnseenBelow } from '../../model/walk.ts';
import { openablePath } from '../kernel-reader.ts';
import { childOf, listing, type Frame } from './frame.ts';

/** Listings of one directory, names read and directories kept open in one walk for this. */
const MAX_LISTINGS = 20;
const MAX_NAMES = 16_384;
const MAX_OPEN = 256;

/** Opened once they are found: then their names no longer matter, however fast they change. */
export class RenamedDirectories {
  readonly #parents = new Set<Frame>();
  readonly #done = new Set<Frame>();
  /**
   * Directories that vanished before they could be opened, by path. Some were read themselves, but
   * what is below them was not.
   */
  readonly #unopened = new Map<ByteString, Frame>();
  readonly #leftOut = new Set<Frame>();
  readonly #open: number[] = [];
  #names = MAX_NAMES;

  /** False for the top of the walk. */
  add(frame: Frame): boolean {
    if (frame.parent === null) return false;
    if (this.#leftOut.has(frame.parent)) return true;
    this.#parents.add(frame.parent);
    this.#unopened.set(frame.path, frame);
    return true;
  }

  /** Excludes a directory that is not read whole in any case from being listed again. */
  leaveOut(parent: Frame): void {
    this.#leftOut.add(parent);
  }

  /** The parent of a directory that vanished, each once. */
  next(): Frame | null {
    for (const parent of this.#parents) {
      if (this.#done.has(parent)) continue;
      this.#done.add(parent);
      return parent;
    }
    return null;
  }

  /** The directories in the parent that were not read yet. */
  unreadIn(
    parent: Frame,
    { directories, unseen }: { directories: readonly CgroupDirectory[]; unseen: UnseenBelow[] },
  ): readonly Frame[] {
    const paths = new Set([...directories, ...unseen].map(({ path }) => path));
    const before = new Map(
      directories.flatMap(({ path, inode }) =>
        parentOf(path) === parent.path ? [[inode, path] as const] : [],
      ),
    );
    if (parent.budget?.isCut === true) return [];
    const found: Frame[] = [];
    const at = `${parent.from}/${parent.below}`;
    let missed: ByteString | null = null;
    for (let times = 0; times < MAX_LISTINGS && this.#names > 0; times++) {
      const listed = namesNow(at);
      if (listed === null) {
        this.add(parent);
        return found;
      }
      const { names, count } = listed;
      this.#names -= names.length + 1;
      missed = names.length < count ? parent.path : null;
      for (const name of names) {
        const path = joinPath(parent.path, name);
        if (paths.has(path)) continue;
        const opened = this.#hold(`${at}/${name}`);
        if (opened === null) {
          missed = path;
          continue;
        }
        const { from, inode } = opened;
        paths.add(path);
        // What was read under its earlier name keeps it.
        const known = before.get(inode);
        const place = { from, below: '.' };
        if (known === undefined) {
          before.set(inode, path);
          found.push(childOf(parent, path, place));
        } else {
          const unopened = this.#unopened.get(known);
          this.#unopened.delete(known);
          if (unopened !== undefined) found.push({ ...unopened, ...place, isRead: true });
        }
      }
      if (missed === null) return found;
    }
    if (missed !== null) unseen.push({ path: missed, why: 'renamed', errno: 'ENOENT' });
    return found;
  }

  #hold(path: string): { readonly from: string; readonly inode: number } | null {
    if (this.#open.length >= MAX_OPEN) return null;
    try {
      const fd = fs.openSync(openablePath(path), 'r');
      this.#open.push(fd);
      return { from: `/proc/self/fd/${fd}`, inode: fs.fstatSync(fd).ino };
    } catch {
      return null;
    }
  }

  close(): void {
    for (const fd of this.#open) fs.closeSync(fd);
  }
}

/** The names in a directory, and how many there must be; null if it is gone. */
function namesNow(
  path: string,
): { readonly names: readonly string[]; readonly count: number } | null {
  try {
    const { names } = listing(openablePath(path));
    return { names, count: fs.statSync(openablePath(path)).nlink - 2 };
  } catch {
    return null;
  }
}
