import { paint } from '../present/color.ts';
import { checkTable } from '../present/check-table.ts';
import { jsonText } from '../present/json-text.ts';
import { reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { SHORTEST_SETTLE_FOR_NO_CGROUP } from '../pass/check.ts';
import { pageHashes } from '../serve/page-headers.ts';
import { cellSource, type CellArguments } from './cell-options.ts';
import { cellReport, exitCodeOf } from './cell-report.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';
import { VERSION } from '../terminal/version.ts';

export interface CheckArguments extends CellArguments {
  readonly format: 'table' | 'json' | 'html';
  readonly color: ColorChoice;
  readonly all: boolean;
}

/** One reconcile of this cell, for people or for programs. */
export async function runCheck(args: CheckArguments, io: Io): Promise<number> {
  const source = cellSource(args);
  const { report, settleMilliseconds } = await cellReport(source, { allHierarchies: false });
  if (args.format === 'json') io.stdout(`${jsonText(reportJson(report), 2)}\n`);
  else if (args.format === 'html') {
    io.stdout(reportPageHtml(report, VERSION, pageHashes()));
  } else {
    io.stdout(
      checkTable(reportJson(report), {
        paint: paint(wantsColor(args.color, io)),
        columns: io.columns,
        all: args.all,
        tellsSince: false,
        tellsNoCgroup: settleMilliseconds >= SHORTEST_SETTLE_FOR_NO_CGROUP,
      }),
    );
  }
  return exitCodeOf(report);
}
