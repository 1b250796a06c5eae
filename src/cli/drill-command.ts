import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { wrapText } from '../present/display-width.ts';
import { secondText } from '../present/quantities.ts';
import { askAgent } from '../probe/status-client.ts';
import { durationOption } from '../terminal/options.ts';
import type { Io } from '../terminal/io.ts';
import { parseAgentError, parseDrillAnswer } from '../parse/agent-answers.ts';
import { printAnswer } from './answer.ts';
import type { Arguments } from './command-table.ts';

const LONGEST = 3_600_000;

/**
 * Asks the agent for a finding that is marked as a drill.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function runDrill(args: Arguments<'drill'>, io: Io): Promise<number> {
  const forSeconds = durationOption(args.for, '--for', LONGEST) / 1000;
  if (forSeconds < 1) throw new KnownFailure('USAGE', '--for needs at least 1s.');
  const { status, body } = await askAgent(args.statusSocket, {
    method: 'POST',
    path: '/v1/drill',
    body: JSON.stringify({ forSeconds }),
  });
  const drill = status === 202 ? parseDrillAnswer(body) : null;
  if (drill === null) {
    throw new KnownFailure(
      'AGENT_ANSWER',
      `The agent did not start the drill; it answered ${status}: ${parseAgentError(body)}.`,
    );
  }
  const handle = oneLine(drill.handle, 80);
  const lines = [
    `Drill ${handle} runs until ${secondText(drill.until)}.`,
    'Log, metrics, page and status show it as an untracked container that is marked as a drill; it ends by itself.',
    `Now check that the alert arrives, and names ${handle}.`,
  ];
  printAnswer(
    drill,
    args,
    io,
    () => `${lines.flatMap((line) => wrapText(line, io.columns)).join('\n')}\n`,
  );
  return 0;
}
