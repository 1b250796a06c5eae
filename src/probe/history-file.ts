import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';

/** Twenty times what the agent writes. */
const MAX_HISTORY_BYTES = 4 * 1024 * 1024;

export type StoredHistory =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string };

export function readHistoryFile(path: string): StoredHistory {
  try {
    if (fs.statSync(path).size > MAX_HISTORY_BYTES)
      return { kind: 'failed', why: 'it is too large' };
    return { kind: 'read', text: fs.readFileSync(path, 'utf8') };
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ENOENT' ? { kind: 'none' } : { kind: 'failed', why: errno };
  }
}

/** Returns the errno, or null. After an errno a part of the line may be in the file. */
export function appendHistory(path: string, line: string): string | null {
  try {
    const file = fs.openSync(path, 'a', 0o600);
    try {
      fs.writeFileSync(file, line);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    return null;
  } catch (error) {
    return errnoOf(error);
  }
}
