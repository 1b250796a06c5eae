import fs from 'node:fs';
import type { ByteString } from '../../model/ids.ts';
import { isEntryName } from '../../model/paths.ts';
import { openablePath } from '../kernel-reader.ts';
import { PassUnderWay } from '../rereads.ts';

/**
 * Up to so many children of Garden's directories are read in each walk (`whole`). Of a directory with
 * more, a walk reads a part, or as many as `whole` if it must read everything.
 */
const LIMITS = { whole: 2048, part: 256 };

/**
 * Decides what one walk reads of Garden's directories.
 * @param directory its path on disk
 * @returns the names to read in a directory with so many children, known ones last; null: all
 */
export type CrowdedWalk = (directory: string, count: number) => readonly string[] | null;

/**
 * Garden directories with more children than one walk reads. Known containers, and those that the
 * sweep came across, are looked up by their names. The others take turns: the stream of a directory
 * continues where the last walk left it. So the cost follows what Garden lists, not what somebody
 * makes there.
 */
export class CrowdedDirectories {
  readonly #pass: PassUnderWay;
  readonly #limits: typeof LIMITS;
  readonly #streams = new Map<string, fs.Dir>();
  readonly #found = new Set<ByteString>();

  constructor(pass = new PassUnderWay(), limits = LIMITS) {
    this.#pass = pass;
    this.#limits = limits;
  }

  /** The first crowded one is our gdn's. Each other one gets half as much: many cost no more. */
  startsWalk(): CrowdedWalk {
    let { whole, part } = this.#limits;
    if (this.#pass.mustRead === 'everything') part = whole;
    return (directory, count) => {
      if (count <= whole) {
        whole -= count;
        this.#end(directory);
        return null;
      }
      if (part === 0) return [];
      const known = [...new Set([...ALSO_THERE, ...this.#found, ...this.#pass.known])].filter(
        (name) => isDirectory(`${directory}/${name}`),
      );
      const others = new Set(this.#next(directory, part));
      part = Math.floor(part / 2);
      for (const name of known) others.delete(name);
      return [...others, ...known];
    };
  }

  /** A process says that it is in the cgroup of this container, which no walk may have shown yet. */
  shows(container: ByteString): void {
    if (!isEntryName(container)) return;
    const [oldest] = this.#found;
    if (oldest !== undefined && this.#found.size >= MAX_FOUND) this.#found.delete(oldest);
    this.#found.add(container);
  }

  close(): void {
    for (const directory of this.#streams.keys()) this.#end(directory);
  }

  /** At most so many names, from where the last walk stopped. */
  #next(directory: string, count: number): readonly string[] {
    const names: string[] = [];
    let isBegun = this.#streams.has(directory);
    while (names.length < count) {
      const stream = this.#streams.get(directory) ?? this.#begin(directory);
      const entry = stream === null ? null : next(stream);
      if (entry?.isDirectory() === true) names.push(entry.name);
      if (entry !== null) continue;
      this.#end(directory);
      if (!isBegun) break;
      isBegun = false;
    }
    return names;
  }

  #begin(directory: string): fs.Dir | null {
    const [oldest] = this.#streams.keys();
    if (oldest !== undefined && this.#streams.size >= MAX_STREAMS) this.#end(oldest);
    try {
      const stream = fs.opendirSync(openablePath(directory), OPTIONS);
      this.#streams.set(directory, stream);
      return stream;
    } catch {
      return null;
    }
  }

  #end(directory: string): void {
    this.#streams.get(directory)?.closeSync();
    this.#streams.delete(directory);
  }
}

/** Directories whose next part is remembered. */
const MAX_STREAMS = 16;
/** The newest containers that the sweep found. */
const MAX_FOUND = 256;
/** The directories that throttling adds to a Garden directory, below which containers are. */
const ALSO_THERE = ['good', 'bad'];
const OPTIONS = { encoding: 'latin1', bufferSize: 256 } as const;

/** Null at the end, and if the directory was removed. */
function next(stream: fs.Dir): fs.Dirent | null {
  try {
    return stream.readSync();
  } catch {
    return null;
  }
}

function isDirectory(path: string): boolean {
  try {
    return fs.statSync(openablePath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
