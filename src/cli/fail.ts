import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import type { Io } from './io.ts';

/** Could not tell, or misused: what every command exits with for a known failure. */
export const EXIT_FAILED = 2;

/**
 * The end of every command: a known failure is one line and exit 2; anything else is a defect of ours and is thrown on, so
 * that its stack trace is seen.
 */
export async function finish(run: () => Promise<number>, io: Io): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof KnownFailure)) throw error;
    io.stderr(`rollcall: ${oneLine(error.message, 500)}\n`);
    return EXIT_FAILED;
  }
}
