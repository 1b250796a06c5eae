import fs from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { RepLog } from '../model/answers.ts';
import type { Handle } from '../model/ids.ts';
import {
  nameInRepLog,
  NOTHING_LOGGED,
  timeOfRepLog,
  withNewer,
  withOlder,
} from '../parse/rep-log.ts';

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;

const REP_LOG = '/var/vcap/sys/log/rep/rep.stdout.log';
/** As many as bosh-agent keeps. It compresses all of them, or all but the first. */
const ROTATED = 7;
/** A longer line is dropped. */
const MAX_LINE = 1024 * 1024;
/** The first lines of a file, which say since when it reaches. */
const MAX_BEGINNING = 256 * 1024;
const CHUNK = 256 * 1024;
const NEWLINE = 10;

/** Bytes of all files together, as they are stored, and once those that are compressed are expanded. */
const BOUNDS = { read: 128 * 1024 * 1024, expanded: 512 * 1024 * 1024 };

/**
 * What rep's log and its rotated files say of a container. They are read newest first, until one names
 * its app or a bound is reached: that part of the log has no gaps. Null if none may be read.
 */
export async function searchRepLog(
  handle: Handle,
  path = REP_LOG,
  bounds = BOUNDS,
): Promise<RepLog | null> {
  const left = { ...bounds };
  let found: RepLog | null = null;
  for (const number of [null, ...Array.from({ length: ROTATED }, (_, at) => at + 1)]) {
    const file = openedFile(number === null ? path : `${path}.${number}`);
    if (file === null) continue;
    try {
      const { log, isWhole } = await searchFile(file, handle, left);
      found = found === null ? log : withOlder(found, log);
      if (!isWhole || found.appId !== null) break;
    } finally {
      fs.closeSync(file.fd);
    }
  }
  return found;
}

interface OpenedFile {
  readonly fd: number;
  readonly size: number;
  readonly isCompressed: boolean;
}

/** While it is compressed, it has both names, and only the first one is whole. */
const openedFile = (path: string): OpenedFile | null =>
  opened(path, false) ?? opened(`${path}.gz`, true);

function opened(path: string, isCompressed: boolean): OpenedFile | null {
  let fd: number | null = null;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const stat = fs.fstatSync(fd);
    if (stat.isFile()) return { fd, size: stat.size, isCompressed };
  } catch {
    // The log is missing, or this process may not read it.
  }
  if (fd !== null) fs.closeSync(fd);
  return null;
}

/**
 * One file. Of a plain one that is too large, the end counts; of a compressed one, what comes before
 * the bound, and that does not show since when the log reaches.
 */
async function searchFile(
  { fd, size, isCompressed }: OpenedFile,
  handle: Handle,
  left: { read: number; expanded: number },
): Promise<{ readonly log: RepLog; readonly isWhole: boolean }> {
  const limit = isCompressed ? left.read : Math.min(left.read, left.expanded);
  const length = Math.min(size, limit);
  left.read -= length;
  if (length === 0) return { log: NOTHING_LOGGED, isWhole: size === 0 };
  const start = isCompressed ? 0 : size - length;
  const read = Readable.from(chunksOf(fd, start, length));
  const search = new LineSearch(handle, start > 0);
  let isWhole = length === size;
  try {
    for await (const chunk of isCompressed ? expanded(read) : read) {
      if (!(chunk instanceof Buffer)) continue;
      left.expanded -= chunk.length;
      if (left.expanded < 0) {
        isWhole = false;
        break;
      }
      search.add(chunk);
    }
  } catch {
    // The compressed file is damaged, or still being written.
    isWhole = false;
  } finally {
    read.destroy();
  }
  const log = search.ended();
  return { log: isCompressed && !isWhole ? { ...log, since: null } : log, isWhole };
}

/** An error of the file becomes one of what is read here. */
const expanded = (file: Readable): Readable => pipeline(file, createGunzip(), () => undefined);

function* chunksOf(fd: number, start: number, length: number): Generator<Buffer> {
  const end = start + length;
  for (let at = start; at < end;) {
    const chunk = Buffer.alloc(Math.min(CHUNK, end - at));
    const read = fs.readSync(fd, chunk, 0, chunk.length, at);
    if (read === 0) return;
    at += read;
    yield chunk.subarray(0, read);
  }
}

/** The lines of one file that name a container, in whatever pieces the file is read. */
class LineSearch {
  readonly #name: string;
  /** The end of what was read, without a newline. */
  #rest: Buffer = Buffer.alloc(0);
  /** The line that has begun is cut, or too long. */
  #isDropping: boolean;
  #searched = 0;
  #log: RepLog = NOTHING_LOGGED;

  constructor(handle: Handle, isCut: boolean) {
    this.#name = nameInRepLog(handle);
    this.#isDropping = isCut;
  }

  add(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.#keep(Buffer.concat([this.#rest, chunk]));
      return;
    }
    const begun = Buffer.concat([this.#rest, chunk.subarray(0, end + 1)]);
    this.#search(this.#isDropping ? begun.subarray(begun.indexOf(NEWLINE) + 1) : begun);
    this.#isDropping = false;
    this.#keep(chunk.subarray(end + 1));
  }

  ended(): RepLog {
    if (!this.#isDropping) this.#search(this.#rest);
    return this.#log;
  }

  #keep(rest: Buffer): void {
    this.#isDropping ||= rest.length > MAX_LINE;
    this.#rest = this.#isDropping ? Buffer.alloc(0) : rest;
  }

  /** Whole lines. */
  #search(lines: Buffer): void {
    if (this.#log.since === null && this.#searched < MAX_BEGINNING) {
      this.#log = { ...this.#log, since: firstTimeIn(lines.toString('utf8')) };
    }
    this.#searched += lines.length;
    let from = 0;
    for (;;) {
      const at = lines.indexOf(this.#name, from);
      if (at === -1) return;
      const start = lines.lastIndexOf(NEWLINE, at) + 1;
      const next = lines.indexOf(NEWLINE, at);
      const end = next === -1 ? lines.length : next;
      this.#log = withNewer(this.#log, lines.toString('utf8', start, end));
      from = end + 1;
    }
  }
}

function firstTimeIn(lines: string): string | null {
  for (const line of lines.split('\n')) {
    const time = timeOfRepLog(line);
    if (time !== null) return time;
  }
  return null;
}
