import { inspect } from 'node:util';
import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import type { Io } from './io.ts';

/** Could not tell, or misused: what every command exits with for a known failure. */
export const EXIT_FAILED = 2;

/**
 * The end of every command: a known failure is one line and exit 2. Anything else is a defect of ours: its stack trace is
 * shown, and the exit is 2 all the same, because Node's own 1 would mean that something is untracked.
 */
export async function finish(run: () => Promise<number>, io: Io): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof KnownFailure) io.stderr(`rollcall: ${oneLine(error.message, 500)}\n`);
    else
      io.stderr(`rollcall: This is a defect of rollcall; please report it.\n${inspect(error)}\n`);
    return EXIT_FAILED;
  }
}
