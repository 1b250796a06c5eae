import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import { askAgent } from '../probe/status-client.ts';
import { durationOption } from './duration.ts';
import type { Io } from './io.ts';

export interface DrillArguments {
  readonly statusSocket: string;
  readonly for: string;
}

const LONGEST = 3_600_000;

/** Asks the agent for a finding that is marked as a drill. */
export async function runDrill(args: DrillArguments, io: Io): Promise<number> {
  const forSeconds = durationOption(args.for, '--for', LONGEST) / 1000;
  if (forSeconds < 1) throw new KnownFailure('USAGE', '--for needs at least 1s.');
  const { status, body } = await askAgent(
    args.statusSocket,
    'POST',
    '/v1/drill',
    JSON.stringify({ forSeconds }),
  );
  if (status !== 202) {
    throw new KnownFailure(
      'AGENT_UNREACHABLE',
      `The agent refused the drill: ${oneLine(body, 200)}`,
    );
  }
  io.stdout(body);
  io.stderr(
    `The drill ends by itself in ${args.for}. It is marked as one in log, metrics, page and status.\n`,
  );
  return 0;
}
