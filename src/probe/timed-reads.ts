import fs from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf } from '../model/failure.ts';
import { unreadable, type Unread } from './kernel-reader.ts';

/** In place of an errno: it did not come in time. */
export const LATE = 'ETIMEDOUT';

/** The deadline is 1 s of ticks: one that comes late, because this process stood still, counts once. */
const TICK_MILLISECONDS = 100;
const MAX_TICKS = 10;
/** How many late reads one reader may leave behind. */
const MAX_LATE = 2;
/**
 * Of all readers of this process: libuv's pool has four threads, a read that hangs keeps one, and
 * everything else that reads a file needs one. More than a single reader's, so that what hangs for
 * one of them does not stop the others.
 */
const MAX_UNDER_WAY = 3;

/** `fs.promises` is not used, because it loads much that nothing else needs: 5 ms of the agent's start. */
const open = promisify(fs.open);
const read = promisify(fs.read);
const fstat = promisify(fs.fstat);
const stat = promisify(fs.stat);
const readdir = promisify(fs.readdir);
const close = promisify(fs.close);

/** How many there are: one number, which another thread can see while this one stands still. */
export const READS_UNDER_WAY = new Int32Array(new SharedArrayBuffer(4));
const readsUnderWay = (): number => Atomics.load(READS_UNDER_WAY, 0);

/** Whether a read still waits in the kernel. Node then cannot exit: it joins its pool's threads. */
export const isReading = (): boolean => readsUnderWay() > 0;

/**
 * Reads files that can make the reader wait as long as somebody else likes: the memory of another
 * process, or a mount. Each read has a deadline, off the main thread. After two late ones it reads
 * nothing more. A pass makes one such read at a time, so others under way are late.
 */
export class TimedReads {
  #late = 0;
  readonly #recovers: boolean;

  /** @param recovers whether a late read no longer counts once it has ended: a disk may just be slow */
  constructor({ recovers }: { readonly recovers: boolean } = { recovers: false }) {
    this.#recovers = recovers;
  }

  /** Whether it reads nothing more, or nothing while reads of others hang. */
  get hasStopped(): boolean {
    return this.#late >= MAX_LATE || readsUnderWay() >= MAX_UNDER_WAY;
  }

  /** The beginning of a file, as UTF-8. */
  text(path: string | Buffer, limit: number): Promise<string | Unread> {
    return this.#inTime(path, () => beginningOf(path, limit));
  }

  /**
   * A whole regular file, as UTF-8. Follows no link at its name. EFBIG for a file that is longer than
   * `limit`.
   */
  file(path: string, limit: number): Promise<string | Unread> {
    return this.#inTime(path, () => wholeFile(path, limit));
  }

  /** ESTALE for a directory that was removed. */
  names(path: string): Promise<Directory | Unread> {
    return this.#inTime(path, () => namesIn(path));
  }

  /** @throws KnownFailure PROC_UNREADABLE if the machine is short of file descriptors or memory */
  async #inTime<T>(path: string | Buffer, work: () => Promise<T | Unread>): Promise<T | Unread> {
    if (this.hasStopped) return { errno: LATE };
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<null>((resolve) => {
      let ticks = 0;
      timer = setInterval(() => {
        ticks += 1;
        if (ticks === MAX_TICKS) resolve(null);
      }, TICK_MILLISECONDS);
    });
    Atomics.add(READS_UNDER_WAY, 0, 1);
    const underWay = work()
      .catch((error: unknown) => {
        const errno = errnoOf(error);
        unreadable(String(path), errno);
        return { errno };
      })
      .finally(() => {
        Atomics.sub(READS_UNDER_WAY, 0, 1);
      });
    const value = await Promise.race([underWay, deadline]).finally(() => clearInterval(timer));
    if (value !== null) return value;
    this.#late += 1;
    const release = (): void => {
      if (this.#recovers) this.#late -= 1;
    };
    void underWay.then(release, release);
    return { errno: LATE };
  }
}

export interface Directory {
  readonly entries: readonly fs.Dirent[];
  /** RFC 3339, by the file system's clock; the epoch where that does not say. */
  readonly madeAt: string;
}

async function wholeFile(path: string, limit: number): Promise<string | Unread> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const before = await fstat(file);
    if (!before.isFile()) return { errno: 'not a regular file' };
    if (before.size > limit) return { errno: 'EFBIG' };
    const { buffer, bytesRead } = await read(file, Buffer.alloc(before.size), 0, before.size, 0);
    const after = await fstat(file);
    const isWhole = bytesRead === after.size && after.mtimeMs === before.mtimeMs;
    return isWhole ? buffer.toString('utf8') : { errno: 'EAGAIN' };
  } finally {
    await close(file);
  }
}

async function namesIn(path: string): Promise<Directory | Unread> {
  const { nlink, birthtime } = await stat(path);
  // A mount of a directory that was removed still shows it, empty.
  if (nlink === 0) return { errno: 'ESTALE' };
  const entries = await readdir(path, { withFileTypes: true, encoding: 'latin1' });
  return { entries, madeAt: birthtime.toISOString() };
}

async function beginningOf(path: string | Buffer, limit: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(limit);
    let length = 0;
    for (let got = -1; got !== 0 && length < limit; length += got)
      got = (await read(file, buffer, length, limit - length, null)).bytesRead;
    return buffer.toString('utf8', 0, length);
  } finally {
    await close(file);
  }
}
