import type { Screen } from './color.ts';
import { commandLines, cutEnd, cutMiddle, displayWidth, hangingLines } from './display-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** A column is never narrower than this, or than it needs; 8 by default. */
  readonly least?: number;
  /** Where a text that does not fit loses characters; at its end by default. */
  readonly cut?: 'end' | 'middle';
  /** Never cut, because people copy it. */
  readonly whole?: boolean;
  /** Left out if the table does not fit; the column with the highest number first. */
  readonly givesWay?: number;
}

/** Texts must already be escaped. Colour is added after cutting, so it never counts as width. */
export interface TableCell {
  readonly text: string;
  readonly style?: (text: string) => string;
}

/** Below a row: a sentence, or a command that people copy. */
export interface Note extends TableCell {
  readonly isCommand?: boolean;
}

/** A column, and its cell in the row of each item. */
export interface ItemColumn<Item> extends Column {
  readonly cell: (item: Item) => TableCell | string;
}

interface ItemTable<Item> extends Screen {
  readonly titleStyle?: (text: string) => string;
  /** Sentences below the row, indented and wrapped. */
  readonly notes?: (item: Item) => readonly Note[];
  /** Columns between two columns; 2 by default. */
  readonly gap?: number;
}

const GAP = 2;
export const INDENT = '  ';
const LEAST = 8;
const EMPTY: TableCell = { text: '' };

/**
 * A table in lines that fit the terminal, with a row for each item. If even the narrowest columns do
 * not fit, each row becomes a block of `title  value` lines.
 */
export function itemTable<Item>(
  items: readonly Item[],
  columns: readonly ItemColumn<Item>[],
  { colors, columns: width, titleStyle = colors.dim, notes = () => [], gap = GAP }: ItemTable<Item>,
): string[] {
  const rows = items.map((item) => columns.map(({ cell }) => asCell(cell(item))));
  const filled = columns.map((column, index) => ({
    ...column,
    cells: rows.map((cells) => cells[index] ?? EMPTY),
  }));
  const notesOf = (item: Item): string[] => notes(item).flatMap((note) => noteLines(note, width));
  const fitting = fittingColumns(filled, width, gap);
  if (fitting === null) {
    const titleWidth = Math.max(...columns.map(({ title }) => displayWidth(title))) + GAP;
    const room = Math.max(1, width - titleWidth);
    return items.flatMap((item, index) => [
      ...(index === 0 ? [] : ['']),
      ...filled.map((column) => {
        const { text, style } = column.cells[index] ?? EMPTY;
        const shown = cutCell(text, room, column);
        const padding = ' '.repeat(titleWidth - displayWidth(column.title));
        return `${titleStyle(column.title)}${padding}${style?.(shown) ?? shown}`.trimEnd();
      }),
      ...notesOf(item),
    ]);
  }
  const line = (cellOf: (column: FilledColumn) => TableCell): string =>
    fitting
      .map((column) => padded(cellOf(column), column))
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    line(({ title }) => ({ text: title, style: titleStyle })),
    ...items.flatMap((item, index) => [
      line(({ cells }) => cells[index] ?? EMPTY),
      ...notesOf(item),
    ]),
  ];
}

type FilledColumn = Column & { readonly cells: readonly TableCell[] };
type FittingColumn = FilledColumn & { readonly width: number };

const asCell = (cell: TableCell | string): TableCell =>
  typeof cell === 'string' ? { text: cell } : cell;

/** Null if they do not fit, not even without those that give way. */
function fittingColumns(
  columns: readonly FilledColumn[],
  width: number,
  gap: number,
): readonly FittingColumn[] | null {
  const widths = columnWidths(columns, width - gap * (columns.length - 1));
  if (widths !== null) {
    return columns.map((column, index) => ({ ...column, width: widths[index] ?? 0 }));
  }
  const ranks = columns.map(({ givesWay }) => givesWay ?? 0);
  const most = Math.max(...ranks);
  if (most === 0) return null;
  return fittingColumns(columns.toSpliced(ranks.indexOf(most), 1), width, gap);
}

function columnWidths(columns: readonly FilledColumn[], room: number): number[] | null {
  const natural = columns.map(({ title, cells }) =>
    // Not Math.max of all widths: a call takes some ten thousand arguments at most.
    cells.reduce((widest, { text }) => Math.max(widest, displayWidth(text)), displayWidth(title)),
  );
  const narrowest = columns.map(({ title, least, whole }, index) =>
    whole === true
      ? (natural[index] ?? 0)
      : Math.min(natural[index] ?? 0, Math.max(displayWidth(title), least ?? LEAST)),
  );
  if (sum(narrowest) > room) return null;
  // The space left by the narrowest columns goes to those that need more, in equal parts.
  const widths = [...narrowest];
  let left = room - sum(narrowest);
  for (;;) {
    const wanting = widths.flatMap((now, index) => (now < (natural[index] ?? 0) ? [index] : []));
    if (left <= 0 || wanting.length === 0) return widths;
    const part = Math.max(1, Math.floor(left / wanting.length));
    for (const index of wanting) {
      const now = widths[index] ?? 0;
      const more = Math.min(part, left, (natural[index] ?? 0) - now);
      widths[index] = now + more;
      left -= more;
    }
  }
}

function padded({ text, style }: TableCell, column: FittingColumn): string {
  const shown = cutCell(text, column.width, column);
  const padding = ' '.repeat(Math.max(0, column.width - displayWidth(shown)));
  const styled = style?.(shown) ?? shown;
  return column.align === 'right' ? padding + styled : styled + padding;
}

/** What is below a row, or below a line that stands alone. */
export function noteLines({ text, style, isCommand = false }: Note, width: number): string[] {
  const shape = { columns: width, first: INDENT, style };
  return isCommand ? commandLines(text, shape) : hangingLines(text.split(' '), shape);
}

function cutCell(text: string, width: number, { whole, cut }: Column): string {
  if (whole === true) return text;
  return cut === 'middle' ? cutMiddle(text, width) : cutEnd(text, width);
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
