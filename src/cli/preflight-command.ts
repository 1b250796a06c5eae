import type { PreflightView } from '../model/answers.ts';
import { obstaclesIn } from '../ledgers/preflight.ts';
import { documentText } from '../present/document/terminal.ts';
import { preflightDocument, preflightJson } from '../present/preflight.ts';
import { unknownSentence } from '../present/verdict-sentence.ts';
import { EXIT_FAILED } from '../terminal/failing.ts';
import { typedAs, type Io } from '../terminal/io.ts';
import { printAnswer } from './answer.ts';
import { cellSource, reportWithAgent } from './cell-source.ts';
import type { Arguments } from './command-table.ts';

/** What would hang, wait or be lost if this cell were drained or recreated. */
export async function runPreflight(args: Arguments<'preflight'>, io: Io): Promise<number> {
  const { report, stored } = await reportWithAgent(cellSource(args), args, io, {
    comparesLedgers: true,
  });
  if (report.unknownCause !== null) {
    io.stderr(`rollcall: ${unknownSentence(report.unknownCause)}\n`);
    return EXIT_FAILED;
  }
  const view = preflightJson(obstaclesIn(report), report, typedAs(io));
  printAnswer(
    view,
    args,
    io,
    (style) => documentText(preflightDocument(view, report.containers), style),
    { stored },
  );
  return exitOfPreflight(view);
}

/** As `check`: 2, not everything is known, comes before 1. */
export function exitOfPreflight({ items }: Pick<PreflightView, 'items'>): 0 | 1 | 2 {
  if (items.some(({ effect }) => effect === 'unknown')) return 2;
  return items.length === 0 ? 0 : 1;
}
