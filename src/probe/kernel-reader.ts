import fs from 'node:fs';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { type ByteString, asByteString } from '../model/ids.ts';

/** A path as the kernel gave it. Bytes that are no UTF-8 must reach the system call unchanged. */
export const openablePath = (path: ByteString | string): string | Buffer =>
  /^[\x00-\x7f]*$/.test(path) ? path : Buffer.from(path, 'latin1');

export type ReadResult =
  | { readonly kind: 'read'; readonly length: number }
  | { readonly kind: 'failed'; readonly errno: string };

/** Errors of whoever reads, and not of what is read. */
const SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS']);

/** Why a file could not be read, where that says nothing of the file; null: it does. */
export const shortage = (path: string, errno: string): KnownFailure | null =>
  SHORTAGES.has(errno)
    ? new KnownFailure(
        'PROC_UNREADABLE',
        `Cannot read ${path} (${errno}): this machine, or this process, is short of files or memory.`,
      )
    : null;

/**
 * Reads small kernel files into one shared buffer: open, read to the end, close. A short read of a seq_file is not its
 * end, so it reads until 0. Synchronous, because the kernel answers from memory: the thread pool would cost 5 to 14
 * times as much (docs/benchmarks.md).
 */
export class KernelReader {
  readonly root: string;
  /** Room for the mount table of a large cell. The system gives memory only for what is used of it. */
  buffer: Buffer = Buffer.allocUnsafe(1024 * 1024);

  /** @param root Where /proc and the cgroup mounts are read from: `/`, or a directory that shows another machine's. */
  constructor(root: string) {
    this.root = root === '/' ? '' : root.replace(/\/+$/, '');
  }

  /** Fills `buffer` from its start; the content is valid until the next read. */
  read(path: string | Buffer, limit = 8 * 1024 * 1024): ReadResult {
    let fd: number;
    try {
      fd = fs.openSync(path, 'r');
    } catch (error) {
      return { kind: 'failed', errno: errnoOf(error) };
    }
    try {
      let length = 0;
      while (length < limit) {
        if (length === this.buffer.length) this.#grow();
        const got = fs.readSync(fd, this.buffer, length, this.buffer.length - length, null);
        if (got === 0) break;
        length += got;
      }
      return { kind: 'read', length };
    } catch (error) {
      return { kind: 'failed', errno: errnoOf(error) };
    } finally {
      fs.closeSync(fd);
    }
  }

  /**
   * The text below the root, or null if it is not there or not to be read by this user.
   * @throws KnownFailure PROC_UNREADABLE where that says nothing of the file: what cannot be read is not gone.
   */
  text(path: string, limit?: number, encoding: 'latin1' | 'utf8' = 'latin1'): string | null {
    const result = this.read(this.root + path, limit);
    if (result.kind === 'read') return this.buffer.toString(encoding, 0, result.length);
    const why = shortage(path, result.errno);
    if (why === null) return null;
    throw why;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.buffer.length * 2);
    this.buffer.copy(larger);
    this.buffer = larger;
  }
}

export type StableRead =
  | { readonly kind: 'read'; readonly bytes: ByteString }
  | { readonly kind: 'failed'; readonly errno: string };

/** A mount namespace holds at most 100,000 mounts (fs.mount-max), most of a few hundred bytes. */
const LONGEST = 512 * 1024 * 1024;

/** The whole file in one read after the other; in the reader's own buffer, so good until its next read. */
export function readBytes(reader: KernelReader, path: string): Buffer | { readonly errno: string } {
  const result = reader.read(reader.root + path, LONGEST);
  if (result.kind === 'failed') return { errno: result.errno };
  if (result.length === LONGEST) return { errno: 'EFBIG' };
  return reader.buffer.subarray(0, result.length);
}

/**
 * Reads a file of /proc until two reads agree, at most `attempts` times. The kernel makes such a file anew for every
 * page that is read, so one read of a long mount table can show a mount twice, or miss one, when others change it
 * meanwhile. `before` is a read that was made already, of this file or of one that should be equal.
 */
export function readStable(
  reader: KernelReader,
  path: string,
  { attempts, before }: { readonly attempts: number; readonly before: Buffer | null },
): StableRead {
  let last = before;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const now = readBytes(reader, path);
    if (!Buffer.isBuffer(now)) return { kind: 'failed', errno: now.errno };
    if (last?.equals(now) === true) return { kind: 'read', bytes: textOf(now) };
    last = Buffer.from(now);
  }
  return { kind: 'read', bytes: last === null ? asByteString('') : textOf(last) };
}

/** As latin-1: one character a byte. */
export const textOf = (bytes: Buffer): ByteString => asByteString(bytes.toString('latin1'));
