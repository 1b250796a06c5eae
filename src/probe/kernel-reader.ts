import fs from 'node:fs';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { type ByteString, asByteString } from '../model/ids.ts';
import {
  parseStat,
  parseStatus,
  type ProcessStat,
  type ProcessStatus,
} from '../parse/process-files.ts';

/** A path exactly as the kernel gave it: bytes that are not UTF-8 stay unchanged. */
export const openablePath = (path: ByteString | string): string | Buffer =>
  isAscii(path) ? path : Buffer.from(path, 'latin1');

/** In UTF-8 every other character takes more bytes, also the one that stands for invalid bytes. */
const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/** In place of the content of a file: why it could not be read. */
export type Unread = { readonly errno: string };

/** Errors of the reader, not of the file. */
const SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS']);

/**
 * Null, for a file that is missing or that this user may not read.
 * @throws KnownFailure PROC_UNREADABLE if the errno says nothing about the file itself
 */
export function unreadable(path: string, errno: string): null {
  if (!SHORTAGES.has(errno)) return null;
  throw new KnownFailure(
    'PROC_UNREADABLE',
    `Cannot read ${path} (${errno}): this machine, or this process, is short of file descriptors or memory.`,
  );
}

/** Usually holds the `/` line of a container's mount table; later reads are one page each. */
const FIRST_PIECE = 512;
const LATER_PIECE = 4096;
const NEWLINE = 0x0a;

/**
 * Reads small kernel files into one shared buffer. A short read of a seq_file does not mean its
 * end, so it reads until it gets 0 bytes. It is synchronous because the kernel answers from memory:
 * the thread pool would cost 5 to 14 times as much.
 */
export class KernelReader {
  readonly root: string;
  /** Holds the mount table of a large cell. Unused pages take no memory. */
  buffer: Buffer = Buffer.allocUnsafe(1024 * 1024);

  /** @param root `/`, or a directory that shows another machine's /proc and cgroup mounts */
  constructor(root: string) {
    this.root = root === '/' ? '' : root.replace(/\/+$/, '');
  }

  /** The beginning of a file, in `buffer`: valid until the next read. */
  read(path: string | Buffer, limit = 8 * 1024 * 1024): Buffer | Unread {
    let fd: number;
    try {
      fd = fs.openSync(path, 'r');
    } catch (error) {
      return { errno: errnoOf(error) };
    }
    try {
      let length = 0;
      while (length < limit) {
        if (length === this.buffer.length) this.#grow();
        const room = Math.min(this.buffer.length, limit) - length;
        const got = fs.readSync(fd, this.buffer, length, room, null);
        if (got === 0) break;
        length += got;
      }
      return this.buffer.subarray(0, length);
    } catch (error) {
      return { errno: errnoOf(error) };
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Like `read`, but returns a string with one character for each byte. For a file whose size the kernel bounds. */
  whole(path: string | Buffer): string | Unread {
    // One call into Node instead of four: a fifth of what such a file costs.
    try {
      const text = fs.readFileSync(path, 'utf8');
      if (isAscii(text)) return text;
    } catch (error) {
      return { errno: errnoOf(error) };
    }
    return this.#beginning(path);
  }

  /** The processes of the cell. Throws the error of readdir if /proc cannot be listed. */
  pids(): readonly number[] {
    return fs.readdirSync(`${this.root}/proc`).map(Number).filter(Number.isInteger);
  }

  /** What /proc/<pid>/stat says; null if the process is gone. */
  stat(pid: number): ProcessStat | null {
    return parseStat(this.text(`/proc/${pid}/stat`) ?? '');
  }

  /** What /proc/<pid>/status says; null if the process is gone. */
  status(pid: number | 'self'): ProcessStatus | null {
    return parseStatus(this.text(`/proc/${pid}/status`) ?? '');
  }

  /** What is read of one process; null if it is gone, or another took its pid meanwhile. */
  sameProcess<T>(pid: number, read: (stat: ProcessStat) => T | null): T | null {
    const before = this.stat(pid);
    const found = before === null ? null : read(before);
    return found !== null && this.stat(pid)?.startTicks === before?.startTicks ? found : null;
  }

  /** The inode of a file or directory below the root; null if it is missing or cannot be read. */
  inode(path: string): number | null {
    return inodeAt(this.root + path);
  }

  /**
   * The text of a file below the root; null if it is missing or this user may not read it.
   * @throws KnownFailure PROC_UNREADABLE if the machine is short of file descriptors or memory
   */
  text(path: string, limit?: number): string | null {
    const file = this.root + path;
    const text = limit === undefined ? this.whole(file) : this.#beginning(file, limit);
    return typeof text === 'string' ? text : unreadable(path, text.errno);
  }

  #beginning(path: string | Buffer, limit?: number): string | Unread {
    const bytes = this.read(path, limit);
    return Buffer.isBuffer(bytes) ? textOf(bytes) : bytes;
  }

  /**
   * The whole lines of a file, read in pieces as they are taken; none if the file is missing or this
   * user may not read it. A last null: the rest exceeds `limit` or cannot be read. A seq_file
   * generates only the part that is read, so the first line of a long mount table is cheap. Do not
   * read another file before the last line.
   */
  *lines(path: string, limit: number): Generator<ByteString | null, void> {
    let fd: number;
    try {
      fd = fs.openSync(this.root + path, 'r');
    } catch (error) {
      unreadable(path, errnoOf(error));
      return;
    }
    try {
      let start = 0;
      for (let length = 0; length < limit;) {
        const got = this.#readPiece(fd, length);
        if (got === 0) return;
        const bytes = this.buffer.subarray(0, length + got);
        for (let from = length, end; (end = bytes.indexOf(NEWLINE, from)) !== -1; from = start) {
          yield asByteString(bytes.toString('latin1', start, end));
          start = end + 1;
        }
        length += got;
      }
    } catch (error) {
      unreadable(path, errnoOf(error));
    } finally {
      fs.closeSync(fd);
    }
    yield null;
  }

  #readPiece(fd: number, at: number): number {
    const size = at === 0 ? FIRST_PIECE : LATER_PIECE;
    while (at + size > this.buffer.length) this.#grow();
    return fs.readSync(fd, this.buffer, at, size, null);
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.buffer.length * 2);
    this.buffer.copy(larger);
    this.buffer = larger;
  }
}

/** The inode at a path as this process opens it; null if there is none, or it cannot be read. */
export function inodeAt(path: ByteString | string): number | null {
  try {
    return fs.statSync(openablePath(path), { throwIfNoEntry: false })?.ino ?? null;
  } catch {
    return null;
  }
}

/** A mount namespace has at most 100,000 mounts (fs.mount-max), most of a few hundred bytes. */
const LONGEST = 512 * 1024 * 1024;

/** The whole file, valid until the reader's next read. */
export function readBytes(reader: KernelReader, path: string): Buffer | Unread {
  const bytes = reader.read(reader.root + path, LONGEST);
  return Buffer.isBuffer(bytes) && bytes.length === LONGEST ? { errno: 'EFBIG' } : bytes;
}

export const textOf = (bytes: Buffer): ByteString => asByteString(bytes.toString('latin1'));
