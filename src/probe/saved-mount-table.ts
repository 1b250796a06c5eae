import fs from 'node:fs';
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import type { MountTable } from '../model/mount.ts';
import { oneLine } from '../model/text.ts';
import { parseSavedTable } from '../parse/saved-mount-table.ts';

/** Larger than any table: a device file or an endless pipe must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * A mount table from a file; `-` is standard input.
 * @throws KnownFailure FILE_UNREADABLE or TABLE_UNUSABLE
 */
export const readSavedTable = async (
  path: string,
  format: MountTable['format'],
): Promise<MountTable> => parseSavedTable(await readBytes(path), format, tableName(path));

/** A table's name at the beginning of a message. */
export const tableName = (path: string): string =>
  path === '-' ? 'Standard input' : oneLine(path, 200);

async function readBytes(path: string): Promise<ByteString> {
  const name = tableName(path);
  const stream: AsyncIterable<string | Buffer> =
    path === '-' ? process.stdin : fs.createReadStream(path);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      length += bytes.length;
      if (length > MAX_BYTES) {
        throw new KnownFailure(
          'FILE_UNREADABLE',
          `${name} is not a mount table: it is larger than 64 MiB.`,
        );
      }
      chunks.push(bytes);
    }
  } catch (cause) {
    if (cause instanceof KnownFailure) throw cause;
    throw new KnownFailure('FILE_UNREADABLE', `${name} ${whyUnreadable(cause)}`, { cause });
  }
  return asByteString(Buffer.concat(chunks).toString('latin1'));
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT')
    return 'does not exist; give the path of a saved mount table, or - for standard input.';
  if (code === 'EISDIR') return 'is a directory; give the path of a saved mount table.';
  return `cannot be read (${String(code ?? error)}); give the path of a saved mount table that you can read.`;
}
