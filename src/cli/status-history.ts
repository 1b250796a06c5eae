import { KnownFailure } from '../model/failure.ts';
import { parseHistoryAnswer } from '../parse/history-file.ts';
import { historyTable } from '../present/history-table.ts';
import { historyView } from '../present/history-view.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import type { Io } from '../terminal/io.ts';
import { durationOption } from '../terminal/options.ts';
import { answerOfAgent, readable, reportOfAgent } from './agent-answers.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer, tableStyle } from './answer.ts';

const MAX_MILLISECONDS = 31 * 86_400_000;

/**
 * What the running agent did, hour by hour; exits like `status`, because the past does not change
 * the exit code.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function runStatusHistory(
  args: Arguments<'status'> & { readonly since: string },
  io: Io,
): Promise<number> {
  const isWatch = args.watch === true;
  if (isWatch || args.format === 'html') {
    const other = isWatch ? '--watch' : '--format html';
    throw new KnownFailure(
      'USAGE',
      `--since shows one table or JSON document: leave out ${other}.`,
    );
  }
  const milliseconds = durationOption(args.since, '--since', MAX_MILLISECONDS);
  const report = await reportOfAgent(args.statusSocket);
  const history = await answerOfAgent(args.statusSocket, '/v1/history');
  const answer = readable(parseHistoryAnswer(history), 'history');
  const view = historyView(answer, report, Date.parse(answer.now) - milliseconds);
  printAnswer(view, args, io, () => historyTable(view, tableStyle(args, io)));
  return exitCodeOf(report);
}
