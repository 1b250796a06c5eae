import fs from 'node:fs';
import { asByteString, type ByteString } from '../model/ids.ts';
import { openablePath } from './kernel-reader.ts';
import { readTextFile } from './own-files.ts';
import { LATE, TimedReads } from './timed-reads.ts';

/** A path has at most 4,096 bytes, and each of them at most two in the note. */
const MAX_NOTE_BYTES = 8192;

/**
 * The file that kept an earlier process of the agent in the kernel, by the note that it left. Until a
 * read of it comes back, on another thread, no pass opens a cgroup.
 */
export class HangingFile {
  readonly #note: string | null;
  readonly #reads = new TimedReads({ recovers: true });
  #path: ByteString | null;

  /** @param note from `watchStandstill`; null: there is none */
  constructor(note: string | null) {
    this.#note = note;
    this.#path = note === null ? null : pathIn(note);
  }

  /** The path of the file, as long as no read of it has ended. */
  get path(): ByteString | null {
    return this.#path;
  }

  /** Reads it again. @returns whether that hangs */
  async hangs(): Promise<boolean> {
    if (this.#path === null || this.#note === null) return false;
    const read = await this.#reads.text(openablePath(this.#path), 1);
    if (typeof read !== 'string' && read.errno === LATE) return true;
    this.#path = null;
    fs.rmSync(this.#note, { force: true });
    return false;
  }
}

function pathIn(note: string): ByteString | null {
  const stored = readTextFile(note, MAX_NOTE_BYTES);
  if (stored.kind !== 'read' || !/^\/[\0-\xff]*$/.test(stored.text)) return null;
  return asByteString(stored.text);
}
