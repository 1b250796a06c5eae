import { checkTable } from '../present/check-table.ts';
import { reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { cellSource, replayHeading } from './cell-source.ts';
import { reportWithAgent } from './cell-with-agent.ts';
import type { Arguments } from './command-table.ts';
import type { Io } from '../terminal/io.ts';
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
  if (args.format === 'html') {
    // The page belongs to the agent; nothing else of the agent is loaded.
    const { pageHashes } = await import('../agent/page-headers.ts');
    io.stdout(reportPageHtml(report, { version: VERSION, runbookUrl: null, hashes: pageHashes() }));
    return exitCodeOf(report);
  }
  const view = reportJson(report);
  printAnswer(
    view,
    args,
    io,
    () =>
      replayHeading(cell, args, io) +
      checkTable(view, {
        ...tableStyle(args, io),
        all: args.all === true,
        wide: args.wide === true,
        settleMilliseconds,
      }),
    verdictLead(view, args, io),
  );
  return exitCodeOf(report);
}
