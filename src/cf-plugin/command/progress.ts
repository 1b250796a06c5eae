import { cutEnd } from '../../present/display-width.ts';
import type { Io } from './io.ts';

/** To the beginning of the line, and away with what stands there: of a text that has wrapped it is the last line only. */
const CLEAR_LINE = '\r\u001b[2K';

/** Says what is waited for while it is, on a terminal only; nothing of it stays. */
export async function showingProgress<T>(text: string, io: Io, work: () => Promise<T>): Promise<T> {
  if (!io.showsProgress) return work();
  // In the last column a terminal may wrap already.
  io.stderr(cutEnd(text, io.stderrColumns - 1));
  try {
    return await work();
  } finally {
    io.stderr(CLEAR_LINE);
  }
}
