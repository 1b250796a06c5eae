import fs from 'node:fs';
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { oneLine } from '../model/one-line.ts';

/** Above any table there is; a device file or an endless pipe must not fill the memory. */
const LONGEST = 64 * 1024 * 1024;

/**
 * The bytes of a saved mount table; `-` is standard input.
 * @throws KnownFailure FILE_UNREADABLE
 */
export async function readTableFile(path: string): Promise<ByteString> {
  const name = path === '-' ? 'Standard input' : oneLine(path, 200);
  const stream: AsyncIterable<string | Buffer> =
    path === '-' ? process.stdin : fs.createReadStream(path);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      length += bytes.length;
      if (length > LONGEST) {
        throw new KnownFailure(
          'FILE_UNREADABLE',
          `${name} is no mount table: it is longer than 64 MiB.`,
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
  return `cannot be read (${String(code ?? error)}); give the path of a saved mount table that you may read.`;
}
