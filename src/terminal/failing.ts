import { inspect } from 'node:util';
import { CodedFailure, type FailureCode } from '../model/failure.ts';
import type { Report } from '../model/report.ts';
import { oneLine } from '../model/text.ts';

/** The exit code of every command for `unknown`, misuse and every other known failure. */
export const EXIT_FAILED = 2;

/** EXIT_FAILED stands for what a restart does not solve, so this is another code. */
const EXIT_FOR_RESTART = 3;

/**
 * The end of every command: a known failure is one line and exit 2, unless it has a code of its
 * own. Anything else is a bug in rollcall and prints its stack trace. It exits with 2 too,
 * because Node's own 1 would mean that something is untracked.
 */
export async function finish(
  run: () => Promise<number>,
  io: { readonly stderr: (text: string) => void },
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CodedFailure) {
      io.stderr(`rollcall: ${oneLine(error.message, 500)}\n`);
      const isSolvedByRestart = error.code === ('GARDEN_DIRECTORY_REMOVED' satisfies FailureCode);
      return isSolvedByRestart ? EXIT_FOR_RESTART : EXIT_FAILED;
    }
    io.stderr(`rollcall: This is a bug in rollcall; please report it.\n${inspect(error)}\n`);
    return EXIT_FAILED;
  }
}

/** 0 all tracked, 1 something untracked, 2 unknown: 2 beats 1. */
export function exitCodeOf({ verdict }: Pick<Report, 'verdict'>): 0 | 1 | 2 {
  if (verdict === 'unknown') return 2;
  return verdict === 'untracked' ? 1 : 0;
}
