import { checkText } from '../present/cell-document.ts';
import { reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { cellSource, reportWithAgent } from './cell-source.ts';
import type { Arguments } from './command-table.ts';
import type { Io } from '../terminal/io.ts';
import { printAnswer } from './answer.ts';
import { VERSION } from '../terminal/version.ts';

/** Compares this cell once, for people or for programs. */
export async function runCheck(args: Arguments<'check'>, io: Io): Promise<number> {
  const { report, settleMilliseconds, stored } = await reportWithAgent(cellSource(args), args, io);
  if (args.format === 'html') {
    // The page belongs to the agent; nothing else of the agent is loaded.
    const { pageHashes } = await import('../agent/page-headers.ts');
    io.stdout(reportPageHtml(report, { version: VERSION, runbookUrl: null, hashes: pageHashes() }));
    return exitCodeOf(report);
  }
  const view = reportJson(report);
  // Whoever asks for command lines reads the evidence.
  const { all = false, wide = false, showCommands: isWhole = false } = args;
  printAnswer(
    view,
    args,
    io,
    (style) => checkText(view, { ...style, all, wide, isWhole, settleMilliseconds }),
    { stored },
  );
  return exitCodeOf(report);
}
