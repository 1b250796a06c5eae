import { inspect } from 'node:util';
import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import type { Report } from '../model/report.ts';

/** Could not tell, or misused: what every command exits with for a known failure. */
export const EXIT_FAILED = 2;

/**
 * The end of every command: a known failure is one line and exit 2. Anything else is a defect of ours: its stack trace is
 * shown, and the exit is 2 all the same, because Node's own 1 would mean that something is untracked.
 */
export async function finish(
  run: () => Promise<number>,
  io: { readonly stderr: (text: string) => void },
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof KnownFailure) io.stderr(`rollcall: ${oneLine(error.message, 500)}\n`);
    else
      io.stderr(`rollcall: This is a defect of rollcall; please report it.\n${inspect(error)}\n`);
    return EXIT_FAILED;
  }
}

const MIN_NODE_MAJOR = 24;

/**
 * The bundle starts on an older Node too, and would then fail somewhere in the middle. `version`: as process.versions.node.
 * @throws KnownFailure NODE_VERSION
 */
export function needNode(version: string): void {
  if (Number.parseInt(version, 10) >= MIN_NODE_MAJOR) return;
  throw new KnownFailure(
    'NODE_VERSION',
    `rollcall needs Node ${MIN_NODE_MAJOR} or newer, and this is Node ${version}: start it with another one. ` +
      'On a cell that has the release: /var/vcap/packages/rollcall/bin/rollcall.',
  );
}

/** 0 all tracked, 1 something untracked, 2 could not tell: 2 beats 1. */
export function exitCodeOf({ verdict }: Pick<Report, 'verdict'>): 0 | 1 | 2 {
  if (verdict === 'unknown') return 2;
  return verdict === 'untracked' ? 1 : 0;
}
