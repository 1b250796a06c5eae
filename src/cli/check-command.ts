import { checkTable } from '../present/check-table.ts';
import { jsonText } from '../present/json-text.ts';
import { reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { exitCodeOf } from '../terminal/failing.ts';
import { cellReport, cellSource, waitNotice } from './cell-source.ts';
import type { Arguments } from './command-table.ts';
import { withAcknowledgedByAgent } from './acknowledged-report.ts';
import { withSeenByAgent } from './seen-by-agent.ts';
import type { Io } from '../terminal/io.ts';
import { tableStyle } from './answer.ts';
import { VERSION } from '../terminal/version.ts';

export type CheckArguments = Arguments<'check'>;

/** Compares this cell once, for people or for programs. */
export async function runCheck(args: CheckArguments, io: Io): Promise<number> {
  const source = cellSource(args);
  const checked = await cellReport(source, {
    allHierarchies: false,
    onWait: waitNotice(args.format, io),
  });
  const { settleMilliseconds } = checked;
  const seen = await withSeenByAgent(checked.report, source, args.statusSocket);
  const report = await withAcknowledgedByAgent(seen, source, args.statusSocket);
  if (args.format === 'json') io.stdout(`${jsonText(reportJson(report), 2)}\n`);
  else if (args.format === 'html') {
    // The page belongs to the agent; nothing else of the agent is loaded.
    const { pageHashes } = await import('../agent/page-headers.ts');
    io.stdout(reportPageHtml(report, { version: VERSION, runbookUrl: null, hashes: pageHashes() }));
  } else {
    io.stdout(
      checkTable(reportJson(report), {
        ...tableStyle(args, io),
        all: args.all === true,
        wide: args.wide === true,
        knowsSince: false,
        settleMilliseconds,
      }),
    );
  }
  return exitCodeOf(report);
}
