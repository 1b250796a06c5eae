import fs from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { parseCapture } from '../parse/capture-file.ts';
import type { Capture } from '../model/snapshot.ts';

const { O_RDONLY, O_NONBLOCK } = fs.constants;

/** 250 containers take about 100 kB. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

export type StoredText =
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

/**
 * Replaces the whole file atomically: a reader sees the old or the new text. Returns the errno, or
 * null.
 */
export function replaceFile(path: string, text: string): string | null {
  const temporary = `${path}.new`;
  try {
    // A file left by a killed agent may have other permissions.
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

/** If the disk has become read-only, the leftover stays. That must not end the agent. */
function removeLeftover(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // The caller reports the failed write, and the next write removes the leftover.
  }
}

/** Keeps an unusable file under one fixed name, so that they do not pile up. Null if it cannot. */
export function setAsideFile(path: string): string | null {
  const aside = `${path}.set-aside`;
  try {
    fs.renameSync(path, aside);
    return aside;
  } catch {
    return null;
  }
}

/** A capture of 1,000 containers has about 10 MB; larger ones are not unpacked. */
const MAX_CAPTURE_BYTES = 512 * 1024 * 1024;

/** @throws KnownFailure FILE_UNREADABLE, CAPTURE_UNREADABLE, CAPTURE_SCHEMA */
export function readCapture(path: string): Capture {
  let packed: Buffer;
  try {
    packed = fs.readFileSync(path);
  } catch (cause) {
    throw new KnownFailure(
      'FILE_UNREADABLE',
      `Cannot read the capture ${path} (${errnoOf(cause)}). Give the path of a file made with rollcall capture.`,
      { cause },
    );
  }
  let text: string;
  try {
    text = gunzipSync(packed, { maxOutputLength: MAX_CAPTURE_BYTES }).toString('utf8');
  } catch (cause) {
    throw new KnownFailure(
      'CAPTURE_UNREADABLE',
      `${path} is not a complete gzip file: it is truncated, damaged or not a capture. Copy it again, or make a new one with rollcall capture.`,
      { cause },
    );
  }
  return parseCapture(text, path);
}

/**
 * Writes a new file that only its owner may read, never over an existing one.
 * @param text from captureText of parse/capture-file.ts
 * @throws KnownFailure CAPTURE_WRITE
 */
export function writeCapture(text: string, path: string): void {
  const packed = gzipSync(text);
  let isOurs = false;
  try {
    const file = fs.openSync(path, 'wx', 0o600);
    isOurs = true;
    try {
      fs.writeFileSync(file, packed);
    } finally {
      fs.closeSync(file);
    }
  } catch (cause) {
    // A half-written capture looks complete, and would make the next attempt fail with EEXIST.
    if (isOurs) fs.rmSync(path, { force: true });
    const errno = errnoOf(cause);
    const advice =
      errno === 'EEXIST'
        ? 'it exists; give another name'
        : `${errno}; give a path that can be written`;
    throw new KnownFailure('CAPTURE_WRITE', `Cannot write the capture ${path}: ${advice}.`, {
      cause,
    });
  }
}
