import { usageFailure } from '../model/failure.ts';
import { checkTable } from '../present/check-table.ts';
import type { Screen } from '../present/color.ts';
import { wrapText } from '../present/display-width.ts';
import { reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { cellSource, reportWithAgent } from './cell-source.ts';
import type { Arguments } from './command-table.ts';
import type { Io } from '../terminal/io.ts';
import { shownContainers } from './shown-containers.ts';
import { printAnswer } from './answer.ts';
import { VERSION } from '../terminal/version.ts';

type CheckArguments = Arguments<'check'>;

/** Compares this cell once, for people or for programs. */
export async function runCheck(args: CheckArguments, io: Io): Promise<number> {
  const cell = await reportWithAgent(cellSource(args), args, io);
  const { report, settleMilliseconds, stored } = cell;
  const whole = reportJson(report);
  const only = shownContainers(whole, args);
  if (args.format === 'html') {
    if (only !== null) {
      throw usageFailure('A page shows all containers: leave out --reason, --app and --critical.');
    }
    // The page belongs to the agent; nothing else of the agent is loaded.
    const { pageHashes } = await import('../agent/page-headers.ts');
    io.stdout(reportPageHtml(report, { version: VERSION, runbookUrl: null, hashes: pageHashes() }));
    return exitCodeOf(report);
  }
  const view = only?.view ?? whole;
  const text = (style: Screen): string => {
    const { all = false, wide = false } = args;
    const notice = only === null ? [] : wrapText(only.notice, style.columns, style.colors.bold);
    const table = checkTable(view, { ...style, all, wide, settleMilliseconds });
    return table + notice.map((line) => `${line}\n`).join('');
  };
  printAnswer(view, args, io, text, { stored });
  if (only !== null && args.format === 'json') io.stderr(`rollcall: ${only.notice}\n`);
  return exitCodeOf(only ?? report);
}
