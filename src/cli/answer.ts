import type { ReportView } from '../model/report-view.ts';
import { verdictLines } from '../present/check-summary.ts';
import { colors, type Colors } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { printPaged } from './pager.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';

/** How the tables of a command are drawn. */
export const tableStyle = (
  { color }: { readonly color: ColorChoice },
  io: Io,
): { readonly colors: Colors; readonly columns: number } => ({
  colors: colors(wantsColor(color, io)),
  columns: io.columns,
});

/** The verdict, for a pager: in the table it comes last. */
export const verdictLead = (
  view: ReportView,
  args: { readonly color: ColorChoice },
  io: Io,
): string => `${verdictLines(view, tableStyle(args, io)).join('\n')}\n\n`;

/** Prints an answer: as JSON for programs, otherwise as a text for people. */
export function printAnswer(
  answer: unknown,
  args: Printed,
  io: Io,
  text: () => string,
  lead = '',
): void {
  if (args.format === 'json') io.stdout(`${jsonText(answer, 2)}\n`);
  else printPaged(text(), args, io, lead);
}

type Printed = { readonly format: string; readonly noPager?: boolean | undefined };
