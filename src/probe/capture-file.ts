import fs from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { parseCapture } from '../parse/capture-file.ts';
import type { Capture } from "../model/snapshot.ts";

/** A capture of 1,000 containers has about 10 MB; a file that unpacks to more than this is none of ours. */
const MAX_BYTES = 512 * 1024 * 1024;

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
    text = gunzipSync(packed, { maxOutputLength: MAX_BYTES }).toString('utf8');
  } catch (cause) {
    throw new KnownFailure(
      'CAPTURE_UNREADABLE',
      `${path} is no whole gzip file: it is cut, damaged or no capture. Copy it again, or make a new one with rollcall capture.`,
      { cause },
    );
  }
  return parseCapture(text, path);
}

/**
 * Writes a new file that only its owner may read; never over an existing one.
 * @param text as present/capture-json.ts makes it
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
    // Half a capture looks like one, and would stand in the way of the next try.
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
