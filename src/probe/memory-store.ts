import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';

/** 250 containers have about 100 kB; a file larger than this is none of ours. */
const MAX_BYTES = 64 * 1024 * 1024;

export type StoredText =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string };

export function readMemoryFile(path: string): StoredText {
  try {
    if (fs.statSync(path).size > MAX_BYTES) return { kind: 'failed', why: 'it is too large' };
    return { kind: 'read', text: fs.readFileSync(path, 'utf8') };
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ENOENT' ? { kind: 'none' } : { kind: 'failed', why: errno };
  }
}

/** Replaces the file as a whole: whoever reads it sees the old text or the new one. Returns the errno if it cannot. */
export function writeMemoryFile(path: string, text: string): string | null {
  const temporary = `${path}.new`;
  try {
    // A leftover of a killed agent may have other rights; the new file gets its own.
    fs.rmSync(temporary, { force: true });
    const fd = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeFileSync(fd, text);
      fs.fsyncSync(fd);
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

/** On a disk that has become read-only it stays, and is no reason to end. */
function removeLeftover(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // What could not be written is told; the next write removes what is left of this one.
  }
}

/** Keeps a file that cannot be used for whoever wants to know why, under one name, so that they never pile up. */
export function setAsideMemoryFile(path: string): string | null {
  const aside = `${path}.set-aside`;
  try {
    fs.renameSync(path, aside);
    return aside;
  } catch {
    return null;
  }
}
