import fs from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import type { Capture } from '../model/snapshot.ts';
import { parseCapture } from '../parse/capture-file.ts';

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
