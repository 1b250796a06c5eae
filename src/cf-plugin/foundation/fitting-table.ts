import { oneLine } from '../../model/text.ts';
import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import type { Colors, Screen } from '../../present/color.ts';
import { displayWidth } from '../../present/display-width.ts';
import {
  note,
  NOTHING,
  table,
  type Block,
  type Column,
  type Span,
  type Table,
  type Tone,
} from '../../present/document/blocks.ts';
import { tableLines } from '../../present/document/terminal.ts';
import type { CellLocation } from '../log-cache/cell-samples.ts';

/** As cf pads its tables. */
const GAP = 3;
const MAX_NAME = 60;
/** Enough of a BOSH id to be unique; `--cell` accepts it. */
export const SHORT_ID = 8;

/** A column and its text in a row. `idLength`: how many characters of a BOSH id are shown. */
export interface RowColumn<T> extends Pick<Column, 'title' | 'align'> {
  readonly text: (row: T, idLength: number) => string;
  readonly tone?: (row: T) => Tone;
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
): readonly Block[] {
  const [first] = rows;
  if (first === undefined) return [];
  const tableOf = (shown: readonly RowColumn<T>[], idLength: number): Table =>
    table(
      rows,
      shown.map(({ title, align = 'left', text, tone }) => ({
        title,
        align,
        cell: (row: T): Span => ({
          text: text(row, idLength),
          ...(tone === undefined ? {} : { tone: tone(row) }),
        }),
      })),
      { id: 'rows', caption: '' },
    );
  // Colour codes take no columns.
  const fits = (block: Table): boolean =>
    tableLines(block, screenOf(colors)).every(
      (line) => displayWidth(line.replaceAll(/\u001b\[[\d;]+m/g, '')) <= room,
    );
  const whole = tableOf(columns, MAX_NAME);
  if (fits(whole)) return [whole];
  const same = columns.filter(
    (one) =>
      one.isKept === undefined &&
      rows.length > 1 &&
      rows.every((row) => one.text(row, MAX_NAME) === one.text(first, MAX_NAME)),
  );
  const others = columns.filter((one) => !same.includes(one));
  const fewer = tableOf(others, MAX_NAME);
  const left = same.map((one) => `${one.title} ${one.text(first, MAX_NAME)}`).join(', ');
  return [
    fits(fewer) ? fewer : tableOf(others, SHORT_ID),
    ...(left === '' ? [] : [note(`in all rows: ${left}`)]),
  ];
}

/** As cf shows its tables: nothing is cut, and lines wrap. */
export const screenOf = (colors: Colors): Screen => ({
  colors,
  columns: Infinity,
  typedAs: TYPED_ON_CELL,
  titleStyle: colors.bold,
  gap: GAP,
});

/** `diego_cell/5b1c0f4e-…`, in BOSH's own form. */
export const cellName = ({ instanceGroup, index }: CellLocation, idLength = MAX_NAME): string =>
  `${name(instanceGroup)}/${name(index, idLength)}`;

/** Untrusted labels and names: on one line, bounded, and without control of the terminal. */
export function name(text: string, length = MAX_NAME): string {
  if (text === '') return NOTHING;
  return length === SHORT_ID ? oneLine(text, MAX_NAME).slice(0, SHORT_ID) : oneLine(text, length);
}
