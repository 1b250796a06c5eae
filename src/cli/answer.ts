import type { ReportView } from '../model/report-view.ts';
import type { StoredCapture } from '../model/snapshot.ts';
import { captureHeading } from '../present/capture-text.ts';
import { verdictLines } from '../present/check-summary.ts';
import { colors, type Screen } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { printPaged } from './pager.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';

interface Printed {
  readonly format: string;
  readonly color: ColorChoice;
  readonly noPager?: boolean | undefined;
}

/**
 * Prints JSON for programs, otherwise a text. With `stored`, a heading names the capture, so that
 * nobody takes it for this cell. With `view`, a pager begins with the verdict, which the text has last.
 */
export function printAnswer(
  answer: unknown,
  args: Printed,
  io: Io,
  text: (style: Screen) => string,
  { stored = null, view }: { stored?: StoredCapture | null; view?: ReportView } = {},
): void {
  if (args.format === 'json') {
    io.stdout(`${jsonText(answer, 2)}\n`);
    return;
  }
  const style = { colors: colors(wantsColor(args.color, io)), columns: io.columns };
  const heading = stored === null ? '' : captureHeading(stored, new Date().toISOString(), style);
  const lead = view === undefined ? '' : `${verdictLines(view, style).join('\n')}\n\n`;
  printPaged(heading + text(style), args, io, lead);
}
