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

/** Prints an answer: as JSON for programs, otherwise as a text for people. */
export function printAnswer(
  answer: unknown,
  args: { readonly format: string; readonly noPager?: boolean | undefined },
  io: Io,
  text: () => string,
): void {
  if (args.format === 'json') io.stdout(`${jsonText(answer, 2)}\n`);
  else printPaged(text(), args, io);
}
