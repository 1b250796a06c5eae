import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';

const { O_RDONLY, O_NONBLOCK } = fs.constants;

/** 250 containers take about 100 kB. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

type StoredText =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string };

export const readMemoryFile = (path: string): StoredText => readTextFile(path, MAX_MEMORY_BYTES);

/** Reads a file of at most `maxBytes`. It never waits, not even for the writer of a pipe. */
export function readTextFile(path: string, maxBytes: number): StoredText {
  try {
    const fd = fs.openSync(path, O_RDONLY | O_NONBLOCK);
    try {
      const stat = fs.fstatSync(fd);
      if (!stat.isFile()) return { kind: 'failed', why: 'it is not a file' };
      if (stat.size > maxBytes) return { kind: 'failed', why: 'it is too large' };
      return { kind: 'read', text: fs.readFileSync(fd, 'utf8') };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ENOENT' ? { kind: 'none' } : { kind: 'failed', why: errno };
  }
}

/** How a file is replaced: whether it must survive a crash of the machine, and who may read it. */
export interface Replacing {
  readonly isSynced: boolean;
  readonly mode: number;
}
const OWN: Replacing = { isSynced: true, mode: 0o600 };

/**
 * Atomic: a reader sees the old or the new text.
 * @param text or the parts of it, in UTF-8
 * @returns the errno, or null
 */
export function replaceFile(
  path: string,
  text: string | readonly Uint8Array<ArrayBuffer>[],
  { isSynced, mode }: Replacing = OWN,
): string | null {
  const temporary = `${path}.new`;
  try {
    // A file left by a killed agent may have other permissions.
    fs.rmSync(temporary, { force: true });
    const fd = fs.openSync(temporary, 'wx', 0o600);
    try {
      if (typeof text === 'string') fs.writeFileSync(fd, text);
      else writeParts(fd, text);
      // On the open file, because a umask would take bits away.
      fs.fchmodSync(fd, mode);
      if (isSynced) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, path);
    return null;
  } catch (error) {
    removeLeftover(temporary);
    return errnoOf(error);
  }
}

function writeParts(fd: number, parts: readonly Uint8Array<ArrayBuffer>[]): void {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  // Of a file, less is written only where the disk is full.
  if (fs.writevSync(fd, parts) < bytes)
    throw Object.assign(new Error('not all was written'), { code: 'ENOSPC' });
}

/** If the disk has become read-only, the leftover stays. That must not end the agent. */
function removeLeftover(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // The caller reports the failed write, and the next write removes the leftover.
  }
}

/**
 * A file that the agent replaces as a whole. An unusable one must be set aside first: until that
 * succeeds, `replace` fails.
 */
export class ReplacedFile {
  readonly path: string;
  readonly #aside: string;
  #mustSetAside = false;

  constructor(path: string) {
    this.path = path;
    this.#aside = `${path}.set-aside`;
  }

  /** Keeps an unusable file under one fixed name, so that they do not pile up. Null if it cannot. */
  setAside(): string | null {
    this.#mustSetAside = true;
    return this.#moved() === null ? this.#aside : null;
  }

  /** Atomic. Returns the errno, also that of setting an unusable file aside; null if it succeeded. */
  replace(text: string): string | null {
    return (this.#mustSetAside ? this.#moved() : null) ?? replaceFile(this.path, text);
  }

  #moved(): string | null {
    try {
      fs.renameSync(this.path, this.#aside);
    } catch (error) {
      const errno = errnoOf(error);
      // Somebody else has moved it.
      if (errno !== 'ENOENT') return errno;
    }
    this.#mustSetAside = false;
    return null;
  }
}
