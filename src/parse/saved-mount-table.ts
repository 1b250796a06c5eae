import { KnownFailure } from '../model/failure.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import type { MountTable } from '../model/mount.ts';
import { parseMountInfo, parseMounts } from './mount-table.ts';

/** A file without a mount in its first megabyte is not a mount table. */
const HEAD_BYTES = 1024 * 1024;

/**
 * A table that a person saved, so it may be another file.
 * @param name of the file, to begin a message
 * @throws KnownFailure TABLE_UNUSABLE without any mount in the format
 */
export function parseSavedTable(
  bytes: ByteString,
  format: MountTable['format'],
  name: string,
): MountTable {
  const [parse, parseOther, other] =
    format === 'mounts'
      ? ([parseMounts, parseMountInfo, 'mountinfo'] as const)
      : ([parseMountInfo, parseMounts, 'mounts'] as const);
  if (bytes === '') throw unusable(`${name} is empty; save a table with cat /proc/1/${format}.`);
  if (isOfWindows(bytes)) {
    throw unusable(`${name} has Windows line endings; convert it (dos2unix) and try again.`);
  }
  // Otherwise a large file that is not a table would be kept, line by line, as malformed.
  const isLarge = bytes.length > HEAD_BYTES;
  const head = asByteString(isLarge ? bytes.slice(0, HEAD_BYTES) : bytes);
  const beginning = parse(head);
  if (beginning.mounts.length > 0) return isLarge ? parse(bytes) : beginning;
  if (parseOther(head).mounts.length > 0) {
    throw unusable(`${name} has the format of /proc/1/${other}; read it with --${other}.`);
  }
  const [first] = beginning.malformed;
  throw unusable(
    `${name} is not a table in the format of /proc/1/${format}: ${first?.problem ?? 'it is empty'} in line 1.`,
  );
}

const isOfWindows = (bytes: ByteString): boolean =>
  bytes.includes('\r\n') && bytes.split('\n').every((line) => line === '' || line.endsWith('\r'));

const unusable = (message: string): KnownFailure => new KnownFailure('TABLE_UNUSABLE', message);
