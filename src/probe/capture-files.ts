import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import type { StoredCapture } from '../model/snapshot.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { parseCapture } from '../parse/capture-file.ts';

/** A pass over 5,000 containers takes about 20 MB. A capture that unpacks to more than this is refused. */
const MAX_CAPTURE_BYTES = 256 * 1024 * 1024;

/** What the file begins with; the digest is that of the text without this key. */
const DIGEST = /^\{"sha256":"([0-9a-f]{64})",/;
const MAX_DIGEST = 80;

/**
 * A capture that is as it was made.
 * @throws KnownFailure FILE_UNREADABLE, CAPTURE_UNREADABLE, CAPTURE_SCHEMA
 */
export function readCapture(path: string): StoredCapture {
  const stored = readStoredCapture(path);
  if (isIntact(stored)) return stored;
  throw new KnownFailure(
    'CAPTURE_UNREADABLE',
    `${path} was damaged or changed after it was made: its content does not match its SHA-256. Copy it again from where it was made; ${TYPED_ON_CELL} capture --verify shows both digests.`,
  );
}

export const isIntact = ({ digest }: StoredCapture): boolean => digest.stored === digest.ofContent;

/**
 * The same for one that may differ from its digest.
 * @throws KnownFailure FILE_UNREADABLE, CAPTURE_UNREADABLE, CAPTURE_SCHEMA
 */
export function readStoredCapture(path: string): StoredCapture {
  let packed: Buffer;
  try {
    packed = fs.readFileSync(path);
  } catch (cause) {
    throw new KnownFailure(
      'FILE_UNREADABLE',
      `Cannot read the capture ${path} (${errnoOf(cause)}). Give the path of a file made with ${TYPED_ON_CELL} capture.`,
      { cause },
    );
  }
  let content: Buffer;
  try {
    content = gunzipSync(packed, { maxOutputLength: MAX_CAPTURE_BYTES });
  } catch (cause) {
    throw new KnownFailure(
      'CAPTURE_UNREADABLE',
      `${path} is not a complete gzip file: it is truncated, damaged or not a capture. Copy it again, or make a new one with ${TYPED_ON_CELL} capture.`,
      { cause },
    );
  }
  const capture = parseCapture(content.toString('utf8'), path);
  const [head = '', stored] = DIGEST.exec(content.toString('latin1', 0, MAX_DIGEST)) ?? [];
  if (stored === undefined) {
    throw new KnownFailure(
      'CAPTURE_UNREADABLE',
      `${path} does not begin with its SHA-256: it was changed after it was made. Copy it again from where it was made.`,
    );
  }
  return { capture, digest: { stored, ofContent: sha256('{', content.subarray(head.length)) } };
}

function sha256(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** @throws KnownFailure CAPTURE_WRITE if a capture cannot be written there, because there is a file */
export function mustBeNew(path: string): void {
  if (fs.existsSync(path)) throw notWritten(path, IT_EXISTS);
}

const IT_EXISTS = 'it exists; give another name';

const notWritten = (path: string, why: string, cause?: unknown): KnownFailure =>
  new KnownFailure('CAPTURE_WRITE', `Cannot write the capture ${path}: ${why}.`, { cause });

/**
 * Writes a new file that only its owner may read, never over an existing one.
 * @param text from captureText of parse/capture-file.ts
 * @returns the SHA-256 of the text, which the file holds, too
 * @throws KnownFailure CAPTURE_WRITE
 */
export function writeCapture(text: string, path: string): string {
  const digest = sha256(text);
  const packed = gzipSync(`{"sha256":"${digest}",${text.slice(1)}`);
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
    const why = errno === 'EEXIST' ? IT_EXISTS : `${errno}; give a path that can be written`;
    throw notWritten(path, why, cause);
  }
  return digest;
}
