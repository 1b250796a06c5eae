import { oneLine } from '../../model/text.ts';
import type { Colors } from '../../present/color.ts';
import { displayWidth } from '../../present/display-width.ts';
import { itemTable, type Column } from '../../present/table.ts';
import type { CellLocation } from '../log-cache/cell-samples.ts';

/** As cf pads its tables. */
const GAP = 3;
const MAX_NAME = 60;
/** Enough of a BOSH id to be unique; `--cell` accepts it. */
export const SHORT_ID = 8;

/** A column and its text in a row. `idLength`: how many characters of a BOSH id are shown. */
export interface RowColumn<T> extends Column {
  readonly text: (row: T, idLength: number) => string;
  readonly style?: (row: T) => (text: string) => string;
  /** Shown even if all rows have the same text. */
  readonly isKept?: true;
}

export interface Fit {
  readonly colors: Colors;
  /** The columns of the terminal; Infinity without a terminal. */
  readonly room: number;
}

export const column = <T>(
  title: string,
  text: RowColumn<T>['text'],
  more: Partial<RowColumn<T>> = {},
): RowColumn<T> => ({ title, text, ...more });

/**
 * cf never truncates tables. If a table is too wide for the terminal, columns with the same text in
 * every row become a line below. If it is still too wide, BOSH ids are shortened before lines wrap.
 */
export function fitting<T>(
  rows: readonly T[],
  columns: readonly RowColumn<T>[],
  { colors, room }: Fit,
): readonly string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const lines = (shown: readonly RowColumn<T>[], idLength: number): readonly string[] => {
    const cells = shown.map((one) => ({
      ...one,
      cell: (row: T) => ({
        text: one.text(row, idLength),
        style: one.style?.(row) ?? ((plain: string) => plain),
      }),
    }));
    return itemTable(rows, cells, { colors, columns: Infinity, titleStyle: colors.bold, gap: GAP });
  };
  // Colour codes take no columns.
  const fits = (all: readonly string[]): boolean =>
    all.every((line) => displayWidth(line.replaceAll(/\u001b\[\d+m/g, '')) <= room);
  const whole = lines(columns, MAX_NAME);
  if (fits(whole)) return whole;
  const same = columns.filter(
    (one) =>
      one.isKept === undefined &&
      rows.length > 1 &&
      rows.every((row) => one.text(row, MAX_NAME) === one.text(first, MAX_NAME)),
  );
  const others = columns.filter((one) => !same.includes(one));
  const fewer = lines(others, MAX_NAME);
  const left = same.map((one) => `${one.title} ${one.text(first, MAX_NAME)}`).join(', ');
  return [
    ...(fits(fewer) ? fewer : lines(others, SHORT_ID)),
    ...(left === '' ? [] : [colors.dim(`in all rows: ${left}`)]),
  ];
}

/** `diego_cell/5b1c0f4e-…`, in BOSH's own form. */
export const cellName = ({ instanceGroup, index }: CellLocation, idLength = MAX_NAME): string =>
  `${name(instanceGroup)}/${name(index, idLength)}`;

/** Untrusted labels and names: on one line, bounded, and without control of the terminal. */
export function name(text: string, length = MAX_NAME): string {
  if (text === '') return '-';
  return length === SHORT_ID ? oneLine(text, MAX_NAME).slice(0, SHORT_ID) : oneLine(text, length);
}
