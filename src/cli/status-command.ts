import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../model/failure.ts';
import type { ReportView } from '../model/report-view.ts';
import { checkTable } from '../present/check-table.ts';
import { jsonText } from '../present/json-text.ts';
import { EXIT_FAILED, exitCodeOf } from '../terminal/failing.ts';
import { untilInterrupted, type Io } from '../terminal/io.ts';
import { answerOfAgent, reportOfAgent, readable } from './agent-answers.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer, tableStyle } from './answer.ts';
import { oneLine } from '../model/text.ts';
import { parseHistoryAnswer } from '../parse/history-file.ts';
import { historyTable } from '../present/history-table.ts';
import { historyView } from '../present/history-view.ts';
import { durationOption } from '../terminal/options.ts';

export type StatusArguments = Arguments<'status'>;

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
    throw new KnownFailure('USAGE', '--watch shows a table or JSON; a page refreshes itself.');
  }
  const ask = () => reportOfAgent(args.statusSocket);
  if (args.watch === true) {
    const draw = (view: ReportView): string => tableOf(view, args, io);
    return untilInterrupted((stop) => {
      const pause = (): Promise<void> =>
        sleep(PAUSE_MILLISECONDS, undefined, { signal: stop }).catch(() => undefined);
      return watchAgent({ ask, draw, format: args.format, pause, stop }, io);
    });
  }
  if (args.format === 'html') {
    const page = await answerOfAgent(args.statusSocket, '/v1/page');
    const code = exitCodeOf(await ask());
    io.stdout(page.replaceAll(NOT_PAGE_TEXT, '\ufffd'));
    return code;
  }
  const view = await ask();
  printAnswer(view, args, io, () => tableOf(view, args, io));
  return exitCodeOf(view);
}

const tableOf = (view: ReportView, args: StatusArguments, io: Io): string =>
  checkTable(view, {
    ...tableStyle(args, io),
    all: args.all === true,
    wide: args.wide === true,
    settleMilliseconds: Infinity,
  });

interface Watching {
  readonly ask: () => Promise<ReportView>;
  readonly draw: (view: ReportView) => string;
  readonly format: StatusArguments['format'];
  /** Between two requests; ends early when `stop` is aborted. */
  readonly pause: () => Promise<void>;
  readonly stop: AbortSignal;
}

/** To the upper left corner, clearing everything below; the scrollback stays. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/**
 * On a terminal, draws the table again after each pause. Elsewhere, prints a line whenever it
 * changes; as JSON, a line per pass. Continues while the agent does not answer, because it may be
 * restarting.
 */
export async function watchAgent(watching: Watching, io: Io): Promise<number> {
  const { ask, pause, stop } = watching;
  let shown = '';
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
    const now = new Date().toISOString();
    if (watching.format === 'table' && io.isTty) io.stdout(screen(view, watching, now));
    else {
      const { text, sameWhile } = line(view, watching, now);
      if (sameWhile !== shown) io.stdout(text);
      shown = sameWhile;
    }
    await pause();
  }
  return code;
}

function screen(view: ReportView | string, { draw }: Watching, now: string): string {
  const head = `${now.slice(11, 19)}Z; Ctrl-C stops`;
  return typeof view === 'string'
    ? `${CLEAR_SCREEN}${head}\n\n${view}\n`
    : `${CLEAR_SCREEN}${head}; pass of ${oneLine(view.takenAt, 30)}\n\n${draw(view)}`;
}

/** The text to write, and what stays the same while there is nothing new to write. */
function line(
  view: ReportView | string,
  { format }: Watching,
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
