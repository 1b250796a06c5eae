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

export interface Row {
  readonly cells: readonly TableCell[];
  /** Sentences below the row, indented and wrapped. */
  readonly notes?: readonly Note[];
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Columns of the terminal. */
  readonly width: number;
  readonly titleStyle: (text: string) => string;
  /** Columns between two columns; 2 by default. */
  readonly gap?: number;
}

/** A column, and its cell in the row of each item. */
export interface ItemColumn<Item> extends Column {
  readonly cell: (item: Item) => TableCell | string;
}

export const itemTable = <Item>(
  items: readonly Item[],
  columns: readonly ItemColumn<Item>[],
  { colors, columns: width, titleStyle = colors.dim, notes = () => [], gap }: ItemTable<Item>,
): string[] =>
  renderTable({
    columns,
    rows: items.map((item) => ({
      cells: columns.map(({ cell }) => asCell(cell(item))),
      notes: notes(item),
    })),
    width,
    titleStyle,
    ...(gap === undefined ? {} : { gap }),
  });

interface ItemTable<Item> extends Screen, Pick<Table, 'gap'> {
  readonly titleStyle?: Table['titleStyle'];
  readonly notes?: (item: Item) => readonly Note[];
}

const asCell = (cell: TableCell | string): TableCell =>
  typeof cell === 'string' ? { text: cell } : cell;

const GAP = 2;
const INDENT = '  ';
const LEAST = 8;

/**
 * A table in lines that fit the terminal. If even the narrowest columns do not fit, each row
 * becomes a block of `title  value` lines.
 */
export function renderTable(table: Table): string[] {
  const widths = columnWidths(table);
  const narrower = widths === null ? withoutColumn(table) : null;
  if (narrower !== null) return renderTable(narrower);
  const lines: string[] = [];
  if (widths !== null) {
    const titles = table.columns.map(({ title }) => ({ text: title, style: table.titleStyle }));
    lines.push(rowLine(titles, table, widths));
  }
  table.rows.forEach((row, index) => {
    if (widths !== null) lines.push(rowLine(row.cells, table, widths));
    else lines.push(...(index === 0 ? [] : ['']), ...blockLines(row.cells, table));
    for (const note of row.notes ?? []) lines.push(...noteLines(note, table.width));
  });
  return lines;
}

function withoutColumn(table: Table): Table | null {
  const ranks = table.columns.map(({ givesWay }) => givesWay ?? 0);
  const most = Math.max(...ranks);
  if (most === 0) return null;
  const isKept = (_: unknown, index: number): boolean => index !== ranks.indexOf(most);
  const columns = table.columns.filter(isKept);
  const rows = table.rows.map((row) => ({ ...row, cells: row.cells.filter(isKept) }));
  const narrower = { ...table, columns, rows };
  // If nothing helps, the blocks keep every column.
  return columnWidths(narrower) === null && withoutColumn(narrower) === null ? null : narrower;
}

function columnWidths({ columns, rows, width, gap = GAP }: Table): number[] | null {
  const natural = columns.map(({ title }, index) =>
    // Not Math.max of all widths: a call takes some ten thousand arguments at most.
    rows.reduce(
      (widest, { cells }) => Math.max(widest, displayWidth(cells[index]?.text ?? '')),
      displayWidth(title),
    ),
  );
  const narrowest = columns.map(({ title, least, whole }, index) =>
    whole === true
      ? (natural[index] ?? 0)
      : Math.min(natural[index] ?? 0, Math.max(displayWidth(title), least ?? LEAST)),
  );
  const room = width - gap * (columns.length - 1);
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

function rowLine(
  cells: readonly TableCell[],
  { columns, gap = GAP }: Table,
  widths: readonly number[],
): string {
  const parts = columns.map((column, index) => {
    const cell = cells[index] ?? { text: '' };
    const width = widths[index] ?? 0;
    const text = cutCell(cell.text, width, column);
    const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
    const styled = cell.style?.(text) ?? text;
    return column.align === 'right' ? padding + styled : styled + padding;
  });
  return parts.join(' '.repeat(gap)).trimEnd();
}

function blockLines(cells: readonly TableCell[], { columns, width, titleStyle }: Table): string[] {
  const titleWidth = Math.max(...columns.map(({ title }) => displayWidth(title)));
  return columns.map((column, index) => {
    const cell = cells[index] ?? { text: '' };
    const text = cutCell(cell.text, Math.max(1, width - titleWidth - GAP), column);
    const padding = ' '.repeat(titleWidth - displayWidth(column.title) + GAP);
    return `${titleStyle(column.title)}${padding}${cell.style?.(text) ?? text}`.trimEnd();
  });
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
