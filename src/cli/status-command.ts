import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import type { ReportView } from '../model/report-view.ts';
import { parseReportJson } from '../parse/report-json.ts';
import { checkTable } from '../present/check-table.ts';
import { paint } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { askAgent } from '../probe/status-client.ts';
import { exitCodeOf } from './cell-report.ts';
import { wantsColor, type ColorChoice, type Io } from './io.ts';
import { untilInterrupted } from './interrupt.ts';
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
  const ask = async () => viewOf(await askedReport(args.statusSocket, '/v1/report'));
  if (args.watch) {
    const draw = (view: ReportView): string => tableOf(view, args, io);
    return untilInterrupted((stop) => {
      const pause = (): Promise<void> =>
        sleep(BETWEEN_QUESTIONS, undefined, { signal: stop }).catch(() => undefined);
      return watchStatus({ ask, draw, format: args.format, pause, stop }, io);
    });
  }
  if (args.format === 'html') {
    const page = await askedReport(args.statusSocket, '/v1/page');
    const code = exitCodeOf(await ask());
    io.stdout(page);
    return code;
  }
  const view = await ask();
  io.stdout(args.format === 'json' ? `${jsonText(view, 2)}\n` : tableOf(view, args, io));
  return exitCodeOf(view);
}

async function askedReport(socketPath: string, path: string): Promise<string> {
  const { status, body } = await askAgent(socketPath, path, null);
  if (status === 200) return body;
  throw status === 503
    ? new KnownFailure(
        'AGENT_ANSWER',
        'The agent has not ended its first look yet: ask again in a moment.',
      )
    : new KnownFailure(
        'AGENT_ANSWER',
        `The agent answered ${status} (${oneLine(body.trim(), 200)}): use the rollcall of the same release.`,
      );
}

function viewOf(json: string): ReportView {
  const parsed = parseReportJson(json);
  if (parsed.ok) return parsed.view;
  throw new KnownFailure(
    'AGENT_ANSWER',
    `The agent's answer cannot be read (${oneLine(parsed.why, 200)}): use the rollcall of the same release.`,
  );
}

const tableOf = (view: ReportView, { color, all }: StatusArguments, io: Io): string =>
  checkTable(view, {
    paint: paint(wantsColor(color, io)),
    columns: io.columns,
    all,
    tellsNoCgroup: true,
  });
