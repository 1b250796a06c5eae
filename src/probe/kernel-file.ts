import { asByteString, type ByteString } from '../model/ids.ts';
import type { KernelReader } from './kernel-reader.ts';

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
