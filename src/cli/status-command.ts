import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure, usageFailure } from '../model/failure.ts';
import type { ReportView } from '../model/report-view.ts';
import { checkText } from '../present/cell-document.ts';
import { followedStatus, NOTHING_FOLLOWED } from '../present/followed-status.ts';
import { jsonText } from '../present/json-text.ts';
import { EXIT_FAILED, exitCodeOf } from '../terminal/failing.ts';
import { typedAs, untilInterrupted, type Io } from '../terminal/io.ts';
import { answerOfAgent, reportOfAgent } from './agent-answers.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer } from './answer.ts';
import { oneLine } from '../model/text.ts';
import { asTyped } from '../model/typed-as.ts';

const PAUSE_MILLISECONDS = 2000;
/** Characters that control a terminal. The agent's page has none, but anything may answer there. */
const NOT_PAGE_TEXT = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * What the running agent knows; exits like `check`. With `watch` it continues until it is
 * interrupted, and exits according to the last answer.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function runStatus(args: Arguments<'status'>, io: Io): Promise<number> {
  if (args.watch === true && args.format === 'html') {
    throw usageFailure('--watch shows a table or JSON; a page refreshes itself.');
  }
  const ask = () => reportOfAgent(args.statusSocket);
  if (args.watch === true) {
    return untilInterrupted((stop) => {
      const pause = (): Promise<void> =>
        sleep(PAUSE_MILLISECONDS, undefined, { signal: stop }).catch(() => undefined);
      return watchAgent(
        { ask, pause, stop },
        args.format === 'json' ? passesTo(io) : changesTo(io),
      );
    });
  }
  if (args.format === 'html') {
    const page = await answerOfAgent(args.statusSocket, '/v1/page');
    const code = exitCodeOf(await ask());
    io.stdout(page.replaceAll(NOT_PAGE_TEXT, '\ufffd'));
    return code;
  }
  const view = await ask();
  const { all = false, wide = false } = args;
  printAnswer(view, args, io, (style) =>
    checkText(view, { ...style, all, wide, isWhole: false, settleMilliseconds: Infinity }),
  );
  return exitCodeOf(view);
}

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
      view = error.message;
      code = EXIT_FAILED;
    }
    if (stop.aborted) break;
    shows(view);
    await pause();
  }
  return code;
}

/** Prints a line for each change. */
export function changesTo(io: Io): (answer: ReportView | string) => void {
  let followed = NOTHING_FOLLOWED;
  return (answer) => {
    const next = followedStatus(followed, answer, new Date().toISOString());
    followed = next.followed;
    if (next.line !== null) io.stdout(`${asTyped(next.line, typedAs(io))}\n`);
  };
}

const MAX_ERROR = 400;

/** Prints a line of JSON for each pass, and for each reason why the agent does not answer. */
export function passesTo(io: Io): (answer: ReportView | string) => void {
  let shown = '';
  return (answer) => {
    const isSilent = typeof answer === 'string';
    const pass = isSilent ? answer : answer.takenAt;
    const line = isSilent ? { error: oneLine(asTyped(answer, typedAs(io)), MAX_ERROR) } : answer;
    if (pass !== shown) io.stdout(`${jsonText(line)}\n`);
    shown = pass;
  };
}
