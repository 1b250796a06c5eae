import process from 'node:process';
import { KnownFailure, usageFailure } from '../model/failure.ts';

/** Ten thousand ids of any kind. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_IDS = 10_000;

/**
 * The ids on standard input, one a line; empty lines do not count.
 * @throws KnownFailure USAGE if there is none, FILE_UNREADABLE if there are too many
 */
export async function readIds(): Promise<readonly string[]> {
  const input: AsyncIterable<string | Buffer> = process.stdin;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BYTES) throw tooMany();
    chunks.push(bytes);
  }
  const ids = Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (ids.length > MAX_IDS) throw tooMany();
  // No answer would look like "all are named" to a script whose command found nothing.
  if (ids.length === 0) throw usageFailure('Standard input has no id: give one a line.');
  return ids;
}

const tooMany = (): KnownFailure =>
  new KnownFailure(
    'FILE_UNREADABLE',
    `Standard input has more than ${MAX_IDS} ids or 4 MiB: give them in parts.`,
  );
