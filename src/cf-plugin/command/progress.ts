import type { Io } from './io.ts';

/** To the beginning of the line, and away with what stands there. */
const CLEAR_LINE = '\r\u001b[2K';

/** Says what is waited for while it is, on a terminal only; nothing of it stays. */
export async function showingProgress<T>(text: string, io: Io, work: () => Promise<T>): Promise<T> {
  if (!io.showsProgress) return work();
  io.stderr(text);
  try {
    return await work();
  } finally {
    io.stderr(CLEAR_LINE);
  }
}
