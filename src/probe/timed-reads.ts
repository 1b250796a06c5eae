import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';
import { shortage } from './kernel-reader.ts';

/** Stands for a text that did not come in time. */
export const LATE = Symbol('late');

/** The deadline is 1 s of ticks: one that comes late, because this process stood still, counts once. */
const TICK_MILLISECONDS = 100;
const MAX_TICKS = 10;
/** libuv's pool has four threads, and a read that hangs keeps one. */
const MAX_LATE = 2;

let readsUnderWay = 0;

/** Whether a read still waits in the kernel. Node then cannot exit: it joins its pool's threads. */
export const isReading = (): boolean => readsUnderWay > 0;

/**
 * Reads files that can make the reader wait as long as somebody else likes: the memory of another
 * process, or a mount. Each read has a deadline, off the main thread. After two late ones it reads
 * nothing more. Its caller reads one file at a time.
 */
export class TimedReads {
  #late = 0;

  /** Whether it has given up. */
  get hasStopped(): boolean {
    return this.#late >= MAX_LATE;
  }

  /**
   * The beginning of a file, as UTF-8; null if it is missing or this user may not read it.
   * @throws KnownFailure PROC_UNREADABLE if the machine is short of file descriptors or memory
   */
  async text(path: string, limit: number): Promise<string | null | typeof LATE> {
    if (this.hasStopped) return LATE;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<typeof LATE>((resolve) => {
      let ticks = 0;
      timer = setInterval(() => {
        ticks += 1;
        if (ticks === MAX_TICKS) resolve(LATE);
      }, TICK_MILLISECONDS);
    });
    const text = await Promise.race([beginningOf(path, limit), deadline]).finally(() => {
      clearInterval(timer);
    });
    if (text === LATE) this.#late += 1;
    return text;
  }
}

async function beginningOf(path: string, limit: number): Promise<string | null> {
  readsUnderWay += 1;
  try {
    const file = await fs.promises.open(path);
    try {
      const buffer = Buffer.alloc(limit);
      let length = 0;
      for (let got = -1; got !== 0 && length < limit; length += got)
        got = (await file.read(buffer, length, limit - length, null)).bytesRead;
      return buffer.toString('utf8', 0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    const why = shortage(path, errnoOf(error));
    if (why === null) return null;
    throw why;
  } finally {
    readsUnderWay -= 1;
  }
}
