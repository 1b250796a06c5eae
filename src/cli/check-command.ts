import { KnownFailure } from '../model/failure.ts';
import { checkTable } from '../present/check-table.ts';
import { wrapText } from '../present/display-width.ts';
import { reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { cellSource, replayHeading } from './cell-source.ts';
import { reportWithAgent } from './cell-with-agent.ts';
import type { Arguments } from './command-table.ts';
import type { Io } from '../terminal/io.ts';
import { shownContainers } from './shown-containers.ts';
import { printAnswer, tableStyle, verdictLead } from './answer.ts';
import { VERSION } from '../terminal/version.ts';

export type CheckArguments = Arguments<'check'>;

/** Compares this cell once, for people or for programs. */
export async function runCheck(args: CheckArguments, io: Io): Promise<number> {
  const cell = await reportWithAgent(cellSource(args), args, io, {
    allHierarchies: false,
    comparesLedgers: false,
  });
  const { report, settleMilliseconds } = cell;
  const whole = reportJson(report);
  const only = shownContainers(whole, args);
  if (args.format === 'html') {
    if (only !== null) {
      throw new KnownFailure(
        'USAGE',
        'A page shows all containers: leave out --reason, --app and --critical.',
      );
    }
    // The page belongs to the agent; nothing else of the agent is loaded.
    const { pageHashes } = await import('../agent/page-headers.ts');
    io.stdout(reportPageHtml(report, { version: VERSION, runbookUrl: null, hashes: pageHashes() }));
    return exitCodeOf(report);
  }
  const view = only?.view ?? whole;
  const style = tableStyle(args, io);
  const notice = only === null ? [] : wrapText(only.notice, style.columns, style.colors.bold);
  printAnswer(
    view,
    args,
    io,
    () =>
      replayHeading(cell, args, io) +
      checkTable(view, {
        ...style,
        all: args.all === true,
        wide: args.wide === true,
        settleMilliseconds,
      }) +
      notice.map((line) => `${line}\n`).join(''),
    verdictLead(view, args, io),
  );
  if (only !== null && args.format === 'json') io.stderr(`rollcall: ${only.notice}\n`);
  return exitCodeOf(only ?? report);
}
