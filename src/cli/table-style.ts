import { colors, type Colors } from '../present/color.ts';
import { wantsColor, type ColorChoice, type Io } from '../terminal/io.ts';

/** How the tables of a command are drawn. */
export const tableStyle = (
  { color }: { readonly color: ColorChoice },
  io: Io,
): { readonly colors: Colors; readonly columns: number } => ({
  colors: colors(wantsColor(color, io)),
  columns: io.columns,
});
