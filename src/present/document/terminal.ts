import { asTyped } from '../../model/typed-as.ts';
import type { Colors, Screen } from '../color.ts';
import {
  commandLines,
  cutEnd,
  cutMiddle,
  displayWidth,
  hangingLines,
  wrapText,
  wrapWords,
} from '../display-width.ts';
import {
  blocksIn,
  spansOf,
  type Block,
  type Blocks,
  type Column,
  type Row,
  type Span,
  type Step,
  type Table,
  type Text,
  type Tone,
} from './blocks.ts';

/* Blocks for a terminal. Texts are measured before they are coloured, so that no colour counts as width. */

type Style = (text: string) => string;

const INDENT = '  ';
const GAP = 2;
/** A narrower terminal shows the short form of a text that has one. */
const WIDE_COLUMNS = 120;
const LEAST = 8;
/** Of a fact, unless half of the terminal has room for more. */
const LONGEST_NAME = 24;

/** How the blocks of an answer are shown; a group of them begins after an empty line. */
export const documentText = (groups: readonly Blocks[], screen: Screen): string =>
  `${documentLines(groups, screen).join('\n')}\n`;

export const documentLines = (groups: readonly Blocks[], screen: Screen): readonly string[] =>
  groups
    .map((blocks) => groupLines(blocksIn(blocks), screen))
    .filter(({ length }) => length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));

/** What follows a heading is indented. */
function groupLines(blocks: readonly Block[], screen: Screen): readonly string[] {
  const below = { ...screen, columns: Math.max(1, screen.columns - INDENT.length) };
  let isBelow = false;
  return blocks.flatMap((block, index) => {
    if (block.kind === 'heading') {
      isBelow = true;
      return [...(index === 0 ? [] : ['']), ...blockLines(block, screen)];
    }
    return isBelow
      ? blockLines(block, below).map((line) => (line === '' ? '' : INDENT + line))
      : blockLines(block, screen);
  });
}

function blockLines(block: Block, screen: Screen): readonly string[] {
  const { colors, columns } = screen;
  switch (block.kind) {
    case 'heading':
      return headingLines(block.parts, screen);
    case 'sentence':
      return hangingLines(wordsOf(block.text, screen), { columns, first: block.mark ?? '' }).map(
        styleOf(block.tone, colors),
      );
    case 'note':
      return wrapWords(wordsOf(block.text, screen), columns).map(colors.dim);
    case 'facts': {
      // A name may be that of an app, which others chose.
      const most = Math.max(LONGEST_NAME, Math.floor(columns / 2));
      const names = block.rows.map(([name]) => cutEnd(name, most));
      const width = Math.max(...names.map(displayWidth));
      return block.rows.flatMap(([, value], index) => {
        const name = names[index] ?? '';
        const first = name + ' '.repeat(width - displayWidth(name) + GAP);
        return hangingLines(wordsOf(value, screen), { columns, first });
      });
    }
    case 'steps':
      return block.steps.flatMap((step, index) => stepLines(step, index + 1, screen));
    case 'commands':
      return block.commands.flatMap((command) => typedLines(command, INDENT, screen));
    case 'table':
      return tableLines(block, screen);
    default:
      return block satisfies never;
  }
}

/** The command comes last, where it can be selected as a whole. */
function stepLines(
  { action, command, result }: Step,
  number: number,
  screen: Screen,
): readonly string[] {
  const first = `${number}. `;
  const text = result === null ? action : `${action} ${result}`;
  return [
    ...hangingLines(wordsOf(text, screen), { columns: screen.columns, first }),
    ...(command === null ? [] : typedLines(command, ' '.repeat(first.length), screen)),
  ];
}

/** A comment that does not fit beside its command stands above it. */
function typedLines(
  command: string,
  indent: string,
  { columns, typedAs, keepsCommands, colors }: Screen,
): readonly string[] {
  const typed = asTyped(command, typedAs);
  if (keepsCommands !== true)
    return commandLines(typed, { columns, first: indent }).map(colors.cyan);
  const line = indent + typed;
  const [, alone, comment] = /^(.*?) +# (.*)$/.exec(line) ?? [];
  if (alone === undefined || comment === undefined || displayWidth(line) <= columns)
    return [colors.cyan(line)];
  const above = wrapText(comment, columns - indent.length - COMMENT.length);
  return [...above.map((one) => colors.dim(indent + COMMENT + one)), colors.cyan(alone)];
}

const COMMENT = '# ';

const styleOf = (tone: Tone | undefined, colors: Colors): Style =>
  tone === undefined
    ? (text) => text
    : {
        good: colors.green,
        critical: colors.red,
        warning: colors.yellow,
        pending: colors.cyan,
        unknown: colors.yellow,
        drill: colors.magenta,
        strong: colors.bold,
        quiet: colors.dim,
      }[tone];

/** The words of a text, between which a line may break; one that must stay whole has spaces. */
function wordsOf(text: Text, { typedAs }: Screen): readonly string[] {
  const words = [''];
  for (const part of spansOf(text)) {
    const isUnbroken = typeof part !== 'string' && part.isUnbroken === true;
    const plain = asTyped(typeof part === 'string' ? part : part.text, typedAs);
    const [first = '', ...others] = isUnbroken ? [plain] : plain.split(' ');
    words.push((words.pop() ?? '') + first);
    for (const word of others) words.push(word);
  }
  return words;
}

/** Puts as many parts on a line as fit, and breaks none. What people copy is not cut. */
function headingLines(parts: readonly Span[], { colors, columns }: Screen): string[] {
  const lines: { text: string; width: number }[] = [];
  for (const part of spansOf(parts)) {
    const { text, tone, isCode }: Span = typeof part === 'string' ? { text: part } : part;
    const last = lines.at(-1);
    const indent = last === undefined ? '' : INDENT;
    const shown = isCode === true ? text : cutEnd(text, Math.max(1, columns - indent.length));
    const styled = styleOf(tone, colors)(shown);
    const width = displayWidth(shown);
    if (last !== undefined && last.width + GAP + width <= columns) {
      last.text += ' '.repeat(GAP) + styled;
      last.width += GAP + width;
    } else lines.push({ text: indent + styled, width: indent.length + width });
  }
  return lines.map(({ text }) => text);
}

/** A cell as a terminal of this width shows it, before it is cut. */
interface Cell {
  readonly text: string;
  readonly words: readonly string[];
  readonly style: Style;
}

type FilledColumn = Column & { readonly cells: readonly Cell[] };
type FittingColumn = FilledColumn & { readonly width: number };

/**
 * A table in lines that fit. If even the narrowest columns do not fit beside each other, each row becomes
 * a block of `TITLE  value` lines.
 */
export function tableLines({ columns, rows }: Table, screen: Screen): readonly string[] {
  const { colors, gap = GAP, titleStyle = colors.dim } = screen;
  const titleOf = ({ title }: Column): string =>
    screen.titleStyle === undefined ? title.toUpperCase() : title;
  const filled = columns.map((column, index): FilledColumn => ({
    ...column,
    title: titleOf(column),
    cells: rows.map(({ cells }) => cellOf(cells[index] ?? '', screen)),
  }));
  // Narrower gaps cost less than a column.
  const fitting = fittingColumns(filled, screen.columns, gap);
  if (fitting === null) return blockPerRow(filled, rows, screen);
  const line = (cellAt: (column: FilledColumn) => Cell): readonly string[] => {
    const shown = fitting.columns.map((column) => ({
      column,
      cell: cellAt(column),
      lines: fittedLines(cellAt(column), column.width, column),
    }));
    const height = Math.max(1, ...shown.map(({ lines }) => lines.length));
    return Array.from({ length: height }, (_, at) =>
      shown
        .map(({ column, cell, lines }) => padded(lines[at] ?? '', cell.style, column))
        .join(' '.repeat(fitting.gap))
        .trimEnd(),
    );
  };
  return [
    ...line(({ title }) => ({ text: title, words: [title], style: titleStyle })),
    ...rows.flatMap((row, index) => [
      ...line(({ cells }) => cells[index] ?? EMPTY),
      ...belowLines(row, screen),
    ]),
  ];
}

const EMPTY: Cell = { text: '', words: [''], style: (text) => text };

function belowLines({ below = false }: Row, screen: Screen): readonly string[] {
  const columns = Math.max(1, screen.columns - INDENT.length);
  return blocksIn(below).flatMap((block) =>
    block.kind === 'commands'
      ? blockLines(block, screen)
      : blockLines(block, { ...screen, columns }).map((line) => INDENT + line),
  );
}

function cellOf(cell: Text, screen: Screen): Cell {
  const isShort = screen.columns < WIDE_COLUMNS && screen.wide !== true;
  const parts = spansOf(cell).map((part) =>
    typeof part === 'string' || part.short === undefined || !isShort
      ? part
      : { ...part, text: part.short },
  );
  const tones = parts.map((part) => (typeof part === 'string' ? undefined : part.tone));
  const words = wordsOf(parts, screen);
  return { words, text: words.join(' '), style: styleOf(tones.find(Boolean), screen.colors) };
}

function blockPerRow(
  columns: readonly FilledColumn[],
  rows: readonly Row[],
  screen: Screen,
): readonly string[] {
  const { colors, titleStyle = colors.dim } = screen;
  const titleWidth = Math.max(...columns.map(({ title }) => displayWidth(title))) + GAP;
  const room = Math.max(1, screen.columns - titleWidth);
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : ['']),
    ...columns.flatMap((column) => {
      const cell = column.cells[index] ?? EMPTY;
      const padding = ' '.repeat(titleWidth - displayWidth(column.title));
      return fittedLines(cell, room, column).map((line, at) =>
        (at === 0
          ? titleStyle(column.title) + padding + cell.style(line)
          : ' '.repeat(titleWidth) + cell.style(line)
        ).trimEnd(),
      );
    }),
    ...belowLines(row, screen),
  ]);
}

/** Null if they do not fit, not even without those that give way. */
function fittingColumns(
  columns: readonly FilledColumn[],
  width: number,
  gap: number,
): { readonly columns: readonly FittingColumn[]; readonly gap: number } | null {
  for (const narrower of [gap, 1]) {
    const widths = columnWidths(columns, width - narrower * (columns.length - 1));
    if (widths === null) continue;
    return {
      columns: columns.map((column, index) => ({ ...column, width: widths[index] ?? 0 })),
      gap: narrower,
    };
  }
  const ranks = columns.map(({ givesWay }) => givesWay ?? 0);
  const most = Math.max(...ranks);
  if (most === 0) return null;
  return fittingColumns(columns.toSpliced(ranks.indexOf(most), 1), width, gap);
}

function columnWidths(columns: readonly FilledColumn[], room: number): number[] | null {
  const natural = columns.map(({ title, cells }) =>
    // Math.max of all widths would fail: a call takes some ten thousand arguments at most.
    cells.reduce((widest, { text }) => Math.max(widest, displayWidth(text)), displayWidth(title)),
  );
  const narrowest = columns.map(({ title, least, fit }, index) =>
    fit === 'whole'
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

function padded(shown: string, style: Style, { width, align }: FittingColumn): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(shown)));
  return align === 'right' ? padding + style(shown) : style(shown) + padding;
}

function fittedLines(
  { text, words }: Cell,
  width: number,
  { fit = 'cut-end' }: Column,
): readonly string[] {
  switch (fit) {
    case 'whole':
      return [text];
    case 'wrap':
      return wrapWords(words, width);
    case 'cut-middle':
      return [cutMiddle(text, width)];
    case 'cut-end':
      return [cutEnd(text, width)];
    default:
      return fit satisfies never;
  }
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
