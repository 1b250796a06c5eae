import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure, usageFailure } from '../model/failure.ts';
import type { ReportView } from '../model/report-view.ts';
import { checkTable } from '../present/check-table.ts';
import type { Screen } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { EXIT_FAILED, exitCodeOf } from '../terminal/failing.ts';
import { isScreen, untilInterrupted, type Io } from '../terminal/io.ts';
import type { OpenScreen } from './watch-terminal.ts';
import { answerOfAgent, reportOfAgent, readable } from './agent-answers.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer } from './answer.ts';
import { oneLine } from '../model/text.ts';
import { parseHistoryAnswer } from '../parse/history-file.ts';
import { historyTable } from '../present/history-table.ts';
import { historyView } from '../present/history-view.ts';
import { durationOption } from '../terminal/options.ts';

type StatusArguments = Arguments<'status'>;

const PAUSE_MILLISECONDS = 2000;
/** Characters that control a terminal. The agent's page has none, but anything may answer there. */
const NOT_PAGE_TEXT = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * What the running agent knows; exits like `check`. With `watch` it continues until it is
 * interrupted, and exits according to the last answer.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function runStatus(args: StatusArguments, io: Io): Promise<number> {
  if (args.since !== undefined) return runStatusHistory({ ...args, since: args.since }, io);
  if (args.watch === true && args.format === 'html') {
    throw usageFailure('--watch shows a table or JSON; a page refreshes itself.');
  }
  const ask = () => reportOfAgent(args.statusSocket);
  if (args.watch === true) {
    return untilInterrupted(async (interrupted) => {
      const screen = args.format === 'table' && isScreen(io) ? await screenOf(args, io) : null;
      const stop = screen === null ? interrupted : AbortSignal.any([interrupted, screen.isLeft]);
      const pause = (): Promise<void> =>
        sleep(PAUSE_MILLISECONDS, undefined, { signal: stop }).catch(() => undefined);
      try {
        return await watchAgent({ ask, pause, stop }, screen?.shows ?? changesTo(io, args.format));
      } finally {
        screen?.restore();
      }
    });
  }
  if (args.format === 'html') {
    const page = await answerOfAgent(args.statusSocket, '/v1/page');
    const code = exitCodeOf(await ask());
    io.stdout(page.replaceAll(NOT_PAGE_TEXT, '\ufffd'));
    return code;
  }
  const view = await ask();
  printAnswer(view, args, io, (style) => tableOf(view, args, style));
  return exitCodeOf(view);
}

const screenOf = async (args: StatusArguments, io: Io): Promise<OpenScreen> =>
  (await import('./watch-terminal.ts')).openScreen(args, io);

const tableOf = (
  view: ReportView,
  { all = false, wide = false }: StatusArguments,
  style: Screen,
): string => checkTable(view, { ...style, all, wide, settleMilliseconds: Infinity });

interface Watching {
  readonly ask: () => Promise<ReportView>;
  /** Between two requests; ends early when `stop` is aborted. */
  readonly pause: () => Promise<void>;
  readonly stop: AbortSignal;
}

/**
 * Asks until it is interrupted, and while the agent does not answer, too, because it may be
 * restarting. Exits according to the last answer.
 * @param shows what it answered, or why it does not
 */
export async function watchAgent(
  { ask, pause, stop }: Watching,
  shows: (answer: ReportView | string) => void,
): Promise<number> {
  let code = EXIT_FAILED;
  while (!stop.aborted) {
    let view: ReportView | string;
    try {
      view = await ask();
      code = exitCodeOf(view);
    } catch (error) {
      if (!(error instanceof KnownFailure)) throw error;
      view = oneLine(error.message, 400);
      code = EXIT_FAILED;
    }
    if (stop.aborted) break;
    shows(view);
    await pause();
  }
  return code;
}

/** Prints a line whenever something changes; as JSON, a line per pass. */
export function changesTo(
  io: Io,
  format: StatusArguments['format'],
): (answer: ReportView | string) => void {
  let shown = '';
  return (answer) => {
    const { text, sameWhile } = line(answer, format, new Date().toISOString());
    if (sameWhile !== shown) io.stdout(text);
    shown = sameWhile;
  };
}

/** The text to write, and what stays the same while there is nothing new to write. */
function line(
  view: ReportView | string,
  format: StatusArguments['format'],
  now: string,
): { readonly text: string; readonly sameWhile: string } {
  if (typeof view === 'string') {
    const text = format === 'json' ? jsonText({ error: view }) : `${now} unknown ${view}`;
    return { text: `${text}\n`, sameWhile: view };
  }
  if (format === 'json') return { text: `${jsonText(view)}\n`, sameWhile: view.takenAt };
  const says = `${view.verdict} ${oneLine(view.why, 600)}`;
  return { text: `${oneLine(view.takenAt, 30)} ${says}\n`, sameWhile: says };
}

const MAX_MILLISECONDS = 31 * 86_400_000;

/**
 * What the running agent did, hour by hour; exits like `status`, because the past does not change
 * the exit code.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER
 */
async function runStatusHistory(
  args: Arguments<'status'> & { readonly since: string },
  io: Io,
): Promise<number> {
  const isWatch = args.watch === true;
  if (isWatch || args.format === 'html') {
    const other = isWatch ? '--watch' : '--format html';
    throw usageFailure(`--since shows one table or JSON document: leave out ${other}.`);
  }
  const milliseconds = durationOption(args.since, '--since', MAX_MILLISECONDS);
  const report = await reportOfAgent(args.statusSocket);
  const history = await answerOfAgent(args.statusSocket, '/v1/history');
  const answer = readable(parseHistoryAnswer(history), 'history');
  const view = historyView(answer, report, Date.parse(answer.now) - milliseconds);
  printAnswer(view, args, io, (style) => historyTable(view, style));
  return exitCodeOf(report);
}
