import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../model/failure.ts';
import type { ReportView } from '../model/report-view.ts';
import { checkTable } from '../present/check-table.ts';
import { colors } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { askedOfAgent, reportOfAgent } from './asked-agent.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { watchStatus } from './watch-status.ts';

export interface StatusArguments {
  readonly statusSocket: string;
  readonly format: 'table' | 'json' | 'html';
  readonly color: ColorChoice;
  readonly all: boolean;
  readonly watch: boolean;
}

const BETWEEN_QUESTIONS = 2000;

/**
 * What the running agent knows; exits as `check`. With `watch` until it is interrupted, and then with the last exit code.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function runStatus(args: StatusArguments, io: Io): Promise<number> {
  if (args.watch && args.format === 'html') {
    throw new KnownFailure('USAGE', '--watch shows a table or JSON; a page refreshes itself.');
  }
  const ask = () => reportOfAgent(args.statusSocket);
  if (args.watch) {
    const draw = (view: ReportView): string => tableOf(view, args, io);
    return untilInterrupted((stop) => {
      const pause = (): Promise<void> =>
        sleep(BETWEEN_QUESTIONS, undefined, { signal: stop }).catch(() => undefined);
      return watchStatus({ ask, draw, format: args.format, pause, stop }, io);
    });
  }
  if (args.format === 'html') {
    const page = await askedOfAgent(args.statusSocket, '/v1/page');
    const code = exitCodeOf(await ask());
    io.stdout(page);
    return code;
  }
  const view = await ask();
  io.stdout(args.format === 'json' ? `${jsonText(view, 2)}\n` : tableOf(view, args, io));
  return exitCodeOf(view);
}

const tableOf = (view: ReportView, { color, all }: StatusArguments, io: Io): string =>
  checkTable(view, {
    colors: colors(wantsColor(color, io)),
    columns: io.columns,
    all,
    tellsNoCgroup: true,
    tellsSince: true,
  });
