import { obstaclesIn } from '../ledgers/preflight.ts';
import { preflightJson, preflightText } from '../present/preflight.ts';
import { unknownSentence } from '../present/verdict-sentence.ts';
import { EXIT_FAILED } from '../terminal/failing.ts';
import type { Io } from '../terminal/io.ts';
import { printAnswer, tableStyle } from './answer.ts';
import { cellReport, cellSource, waitNotice } from './cell-source.ts';
import type { Arguments } from './command-table.ts';

/** What would hang, wait or be lost if this cell were drained or recreated. */
export async function runPreflight(args: Arguments<'preflight'>, io: Io): Promise<number> {
  const { report } = await cellReport(cellSource(args), {
    allHierarchies: false,
    comparesLedgers: true,
    onWait: waitNotice(args.format, io),
  });
  if (report.unknownCause !== null) {
    io.stderr(`rollcall: ${unknownSentence(report.unknownCause)}\n`);
    return EXIT_FAILED;
  }
  const view = preflightJson(obstaclesIn(report), report);
  printAnswer(view, args, io, () => preflightText(view, tableStyle(args, io)));
  return view.items.length === 0 ? 0 : 1;
}
