import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';
import { readTextFile, type StoredText } from './own-files.ts';

const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
const APPEND = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW;

/** Twenty times what the agent writes. */
const MAX_HISTORY_BYTES = 4 * 1024 * 1024;

export const readHistoryFile = (path: string): StoredText => readTextFile(path, MAX_HISTORY_BYTES);

/**
 * Returns the errno, or null. After an error the file may contain part of the line. It never waits
 * for the reader of a pipe, and follows no link to another file.
 */
export function appendHistory(path: string, line: string): string | null {
  try {
    const file = fs.openSync(path, APPEND, 0o600);
    try {
      if (!fs.fstatSync(file).isFile()) return 'ENXIO';
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
