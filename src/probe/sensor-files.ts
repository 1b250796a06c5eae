import fs from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../model/failure.ts';
import type { FilePlace, FileReading, FollowedFile, SensorFact } from '../model/observation.ts';
import { sensorFact } from '../parse/sensor-lines.ts';

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;

/** Limits the memory; a longer line is not an event. */
const CHUNK = 1024 * 1024;
/** Limits the time of one pass. 100,000 lines a minute produce less in the longest interval. */
const MAX_PASS_CHUNKS = 64;
/**
 * If more than this is unread, the middle is skipped: the beginning shows which containers the
 * sensor found at its start, the end which ones it sees now.
 */
const MAX_BACKLOG = 256 * CHUNK;
const BEGINNING = 16 * CHUNK;
const TAIL = 48 * CHUNK;
/** Distinct facts of one pass. */
const MAX_FACTS = 5000;
/** Bytes that distinguish a file written anew from one that grew. */
const HEAD = 64;
const NEWLINE = 10;

/** Follows the event files of sensors, keeping one of each open. No line is stored. */
export class SensorFiles {
  readonly #followed = new Map<string, Followed>();
  /** The files that this process has read. Their remembered place is void: inodes are reused. */
  readonly #read = new Set<string>();
  readonly #pause: () => Promise<void>;
  /** Shared by all reads, because new buffers would pile up until V8 collects them. */
  readonly #buffer = Buffer.allocUnsafe(CHUNK);

  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  /** A file that fails, as on a broken disk, is unreadable; the pass goes on without it. */
  async read(file: FollowedFile): Promise<FileReading> {
    try {
      return await this.#follow(file);
    } catch (error) {
      // Facts of this pass are lost, so the file is read again from its beginning.
      this.#drop(file.path);
      return {
        kind: 'unreadable',
        what: file.path,
        errno: errnoOf(error),
        ...ownerOf(statOf(file.path)),
      };
    }
  }

  async #follow(file: FollowedFile): Promise<FileReading> {
    const { path, place } = file;
    if (place === null && this.#followed.has(path)) this.#drop(path);
    const opened = openFile(path);
    const before = this.#followed.get(path);
    if (opened.kind !== 'opened') {
      // A renamed file is followed until another takes its place: the sensor may still write to it.
      const isRenamed = opened.kind === 'absent' && !opened.isDirectoryMissing;
      if (before === undefined || !isRenamed || fs.fstatSync(before.fd).nlink === 0) {
        this.#drop(path);
        return opened;
      }
      return this.#reading(before, false, file);
    }
    const { fd, stat } = opened;
    if (before?.isSame(stat) === true) {
      fs.closeSync(fd);
      const isAnew = before.begunAnew(stat);
      return this.#reading(before, isAnew, file);
    }
    if (before !== undefined && stat.size === 0 && fs.fstatSync(before.fd).nlink > 0) {
      fs.closeSync(fd);
      return this.#reading(before, false, file);
    }
    // What was appended before it was replaced belongs to another run, so read that first.
    const last = before === undefined ? null : await this.#reading(before, false, file);
    if (last?.kind === 'read' && (!last.isAtEnd || last.lines > 0)) {
      fs.closeSync(fd);
      return last;
    }
    const isResumed = !this.#read.has(path) && place !== null && isPlaceIn(place, stat);
    this.#drop(path);
    this.#read.add(path);
    const followed = new Followed(fd, stat, isResumed ? place.offset : 0);
    this.#followed.set(path, followed);
    return this.#reading(followed, !isResumed, file);
  }

  close(): void {
    for (const path of this.#followed.keys()) this.#drop(path);
  }

  #drop(path: string): void {
    const followed = this.#followed.get(path);
    if (followed !== undefined) fs.closeSync(followed.fd);
    this.#followed.delete(path);
  }

  async #reading(
    followed: Followed,
    isAnew: boolean,
    { format, known }: FollowedFile,
  ): Promise<FileReading> {
    const facts = new Map<string, SensorFact>();
    let lines = 0;
    const take = (line: string): void => {
      lines += 1;
      const fact = sensorFact(format, line, (id) => known.has(id) || facts.has(`named ${id}`));
      if (fact === null) return;
      const key = 'id' in fact ? `${fact.kind} ${fact.id}` : fact.kind;
      const same = facts.get(key);
      if (same === undefined && facts.size >= MAX_FACTS) return;
      const isRepeated = fact.kind === 'existing' && same?.kind === 'existing';
      facts.set(key, isRepeated ? { ...fact, lines: fact.lines + same.lines } : fact);
    };
    const stat = fs.fstatSync(followed.fd);
    const hasGap = followed.leaveOut(stat);
    for (let chunk = 0; chunk < MAX_PASS_CHUNKS && followed.offset < stat.size; chunk++) {
      if (!followed.step(stat, this.#buffer, take)) break;
      await this.#pause();
    }
    return {
      kind: 'read',
      place: { device: stat.dev, inode: stat.ino, offset: followed.offset },
      isAnew,
      isWhole: followed.isWhole,
      isAtEnd: followed.isAtEnd(stat),
      hasGap,
      lines,
      facts: [...facts.values()],
      writtenAt: stat.mtimeMs,
    };
  }
}

const isPlaceIn = ({ device, inode, offset }: FilePlace, { dev, ino, size }: fs.Stats): boolean =>
  device === dev && inode === ino && offset <= size;

/** An open file and the position up to which it was read. */
class Followed {
  readonly fd: number;
  readonly #device: number;
  readonly #inode: number;
  offset: number;
  isWhole: boolean;
  /** The next bytes continue a line that is too long or whose beginning was not read. */
  #isMidLine: boolean;
  #head: Buffer;
  /** No line ends before this position. */
  #searchedTo = 0;

  constructor(fd: number, stat: fs.Stats, offset: number) {
    this.fd = fd;
    this.#device = stat.dev;
    this.#inode = stat.ino;
    this.offset = offset;
    this.#isMidLine = offset > 0;
    this.#head = this.#readInto(Buffer.alloc(HEAD), 0);
    this.isWhole = this.#head[0] !== 0;
  }

  isSame({ dev, ino }: fs.Stats): boolean {
    return dev === this.#device && ino === this.#inode;
  }

  /** Returns whether the file was truncated, and then starts at its beginning. */
  begunAnew({ size }: fs.Stats): boolean {
    const head = this.#readInto(Buffer.alloc(HEAD), 0);
    const isGrown = this.#head.equals(head.subarray(0, this.#head.length));
    // Truncated, but its writer continues at its old offset: the part before is a hole of NULs.
    const isHole = !isGrown && size > this.offset && head[0] === 0;
    this.#head = head;
    if (size >= this.offset && (isGrown || isHole)) return false;
    this.offset = 0;
    this.#searchedTo = 0;
    this.#isMidLine = false;
    this.isWhole = head[0] !== 0;
    return true;
  }

  /** Skips the middle of a file that is too long, once its beginning was read. */
  leaveOut({ size }: fs.Stats): boolean {
    if (size - this.offset <= MAX_BACKLOG || this.offset < BEGINNING) return false;
    this.offset = size - TAIL;
    this.#isMidLine = true;
    return true;
  }

  isAtEnd({ size }: fs.Stats): boolean {
    return this.offset >= size || this.#searchedTo >= size;
  }

  /** Reads the lines that end in the next chunk; returns false if no line ends there. */
  step(stat: fs.Stats, buffer: Buffer, take: (line: string) => void): boolean {
    const chunk = this.#readInto(buffer.subarray(0, stat.size - this.offset), this.offset);
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) return this.#stepOverPart(chunk, stat);
    let start = 0;
    if (this.#isMidLine) {
      start = chunk.indexOf(NEWLINE) + 1;
      this.#isMidLine = false;
    }
    // Each line separately: a slice of one large string would keep the whole string in memory.
    for (let from = start; from <= last;) {
      const end = chunk.indexOf(NEWLINE, from);
      const line = chunk.toString('latin1', from, end);
      // Truncation cut off the text before a NUL.
      take(line.slice(line.lastIndexOf('\0') + 1));
      from = end + 1;
    }
    this.offset += last + 1;
    return true;
  }

  #stepOverPart(chunk: Buffer, { size, blocks }: fs.Stats): boolean {
    if (chunk.length === CHUNK && chunk.every((byte) => byte === 0)) {
      // A hole has no blocks, so the data cannot start before this offset.
      this.offset = Math.max(this.offset + CHUNK, size - blocks * 512 - CHUNK);
      return true;
    }
    if (chunk.length < CHUNK) {
      // The line is incomplete.
      this.#searchedTo = this.offset + chunk.length;
      return false;
    }
    this.offset += CHUNK;
    this.#isMidLine = true;
    return true;
  }

  #readInto(buffer: Buffer, offset: number): Buffer {
    return buffer.subarray(0, fs.readSync(this.fd, buffer, 0, buffer.length, offset));
  }
}

type Opened =
  | { readonly kind: 'opened'; readonly fd: number; readonly stat: fs.Stats }
  | Exclude<FileReading, { readonly kind: 'read' }>;

/** Never waits, not even for the writer of a pipe, and follows no link out of the directory. */
function openFile(path: string): Opened {
  let fd: number;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    return notOpened(path, errnoOf(error));
  }
  const stat = fs.fstatSync(fd);
  if (stat.isFile()) return { kind: 'opened', fd, stat };
  fs.closeSync(fd);
  return { kind: 'unreadable', what: path, errno: 'not a file', ...ownerOf(stat) };
}

function notOpened(path: string, errno: string): Exclude<FileReading, { readonly kind: 'read' }> {
  const directory = statOf(dirname(path));
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    return { kind: 'absent', isDirectoryMissing: directory === null };
  }
  const file = statOf(path);
  // Without the right to enter the directory, the owner of the file is unknown too.
  if (file === null) {
    return { kind: 'unreadable', what: dirname(path), errno, ...ownerOf(directory) };
  }
  return { kind: 'unreadable', what: path, errno, ...ownerOf(file) };
}

function statOf(path: string): fs.Stats | null {
  try {
    return fs.lstatSync(path);
  } catch {
    return null;
  }
}

const ownerOf = (stat: fs.Stats | null) => ({
  mode: stat === null ? null : stat.mode % 0o10000,
  uid: stat?.uid ?? null,
  gid: stat?.gid ?? null,
});
