import { oneLine } from '../../model/text.ts';
import type { Colors } from '../../present/color.ts';
import { displayWidth } from '../../present/display-width.ts';
import { renderTable, type Column, type Row } from '../../present/table.ts';
import {
  durationText,
  MAX_HANDLE,
  VERDICT_WORDS,
  type CellLocation,
  type CellStatus,
  type CellVerdict,
  type FoundationStatus,
  type UntrackedInstance,
} from './status.ts';

export interface TableOptions {
  readonly colors: Colors;
  /** Of the terminal; Infinity where there is none. */
  readonly columns: number;
}

/** As cf pads its tables. */
const GAP = 3;
const MAX_NAME = 60;
/** Enough of a BOSH id to be unique, and `--cell` takes it. */
const SHORT_ID = 8;
/** Nobody reads more in a table; `--output json` has all. */
const MAX_INSTANCES = 200;
const MAX_REASONS = 12;

/** The status as a table of cells, the untracked instances, the notes and the verdict. */
export function statusTable(status: FoundationStatus, options: TableOptions): string {
  const { colors } = options;
  const blocks = [
    fitting(options, (idLength) => cellLines(status.cells, colors, idLength)),
    fitting(options, (idLength) => instanceLines(status.untracked, colors, idLength)),
    reasonLines(status.cells),
    status.notes.map((note) => colors.dim(oneLine(note, 600))),
    [verdictStyle(status.verdict, colors)(status.why)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** cf never cuts tables; where one is too wide, BOSH ids are shortened before lines wrap. */
function fitting(
  { columns }: TableOptions,
  lines: (idLength: number) => readonly string[],
): readonly string[] {
  const whole = lines(MAX_NAME);
  // Colour takes no columns.
  const fits = whole.every((line) => displayWidth(plain(line)) <= columns);
  return fits ? whole : lines(SHORT_ID);
}

const plain = (line: string): string => line.replaceAll(/\u001b\[\d+m/g, '');

const table = (columns: readonly Column[], rows: readonly Row[], colors: Colors): string[] =>
  renderTable({ columns, rows, width: Infinity, titleStyle: colors.bold, gap: GAP });

const right = (title: string): Column => ({ title, align: 'right' });

function cellLines(cells: readonly CellStatus[], colors: Colors, idLength: number): string[] {
  if (cells.length === 0) return [];
  const columns = [
    { title: 'deployment' },
    { title: 'instance group' },
    { title: 'cell' },
    { title: 'ip' },
    { title: 'verdict' },
    right('listed'),
    right('tracked'),
    right('pending'),
    right('untracked'),
    { title: 'garden' },
    right('age'),
    { title: 'version' },
  ];
  const rows = cells.map((cell) => ({
    cells: [
      { text: name(cell.deployment) },
      { text: name(cell.instanceGroup) },
      { text: name(cell.index, idLength), style: (text: string) => colors.bold(colors.cyan(text)) },
      { text: name(cell.ip) },
      { text: VERDICT_WORDS[cell.verdict], style: verdictStyle(cell.verdict, colors) },
      { text: number(cell.listed) },
      { text: number(cell.tracked) },
      { text: number(cell.pending) },
      { text: number(cell.untracked) },
      { text: cell.garden ?? '?' },
      { text: cell.ageSeconds === null ? '?' : durationText(cell.ageSeconds) },
      { text: cell.version === null ? '?' : name(cell.version) },
    ],
  }));
  return table(columns, rows, colors);
}

function instanceLines(
  instances: readonly UntrackedInstance[],
  colors: Colors,
  idLength: number,
): string[] {
  if (instances.length === 0) return [];
  const columns = [
    { title: 'reason' },
    { title: 'severity' },
    { title: 'since' },
    { title: 'handle' },
    { title: 'cell' },
    { title: 'org' },
    { title: 'space' },
    { title: 'app' },
  ];
  const rows = instances.slice(0, MAX_INSTANCES).map((one) => ({
    cells: [
      { text: one.drill ? `${name(one.reason)} (drill)` : name(one.reason) },
      { text: name(one.severity), style: one.severity === 'critical' ? colors.red : colors.yellow },
      { text: one.since === null ? '?' : one.since.replace(/\.\d+Z$/, 'Z') },
      { text: name(one.handle, MAX_HANDLE) },
      { text: cellName(one.cell, idLength) },
      { text: name(one.app?.organization ?? '') },
      { text: name(one.app?.space ?? '') },
      { text: name(one.app === null ? '' : (one.app.name ?? one.app.id)) },
    ],
  }));
  const more = instances.length - rows.length;
  return [
    colors.bold('untracked instances'),
    ...table(columns, rows, colors),
    ...(more === 0 ? [] : [`… and ${more} more: --output json has all.`]),
  ];
}

/** Why the state of a cell is not known. */
function reasonLines(cells: readonly CellStatus[]): string[] {
  const uncertain = cells.filter(
    ({ verdict }) => verdict !== 'all-tracked' && verdict !== 'untracked',
  );
  const more = uncertain.length - MAX_REASONS;
  return [
    ...uncertain
      .slice(0, MAX_REASONS)
      .map((cell) => `${cellName(cell, SHORT_ID)} ${VERDICT_WORDS[cell.verdict]}: ${cell.why}`),
    ...(more > 0 ? [`… and ${more} more: --output json has all.`] : []),
  ];
}

/** `diego_cell/5b1c0f4e-…`, as BOSH writes it. */
const cellName = ({ instanceGroup, index }: CellLocation, idLength: number): string =>
  `${name(instanceGroup)}/${name(index, idLength)}`;

/** Labels and names are untrusted: on one line, bounded, and unable to steer the terminal. */
function name(text: string, length = MAX_NAME): string {
  if (text === '') return '-';
  return length === SHORT_ID ? oneLine(text, MAX_NAME).slice(0, SHORT_ID) : oneLine(text, length);
}

const number = (value: number | null): string => (value === null ? '?' : String(value));

const verdictStyle = (verdict: CellVerdict, colors: Colors): ((text: string) => string) =>
  ({
    untracked: colors.red,
    gone: colors.red,
    stale: colors.yellow,
    unknown: colors.yellow,
    'all-tracked': colors.green,
  })[verdict];
