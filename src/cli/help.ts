import { wrapText } from '../present/display-width.ts';
import { EVERYWHERE } from './command-options.ts';
import {
  COMMAND_ROWS,
  COMMANDS,
  shownOptions,
  type CommandName,
  type CommandRow,
  type OptionRow,
} from './command-table.ts';

const MAX_COLUMNS = 100;

/** What `--help` prints: about a command, or about all. */
export function helpText(name: CommandName | null, columns: number): string {
  const width = Math.min(MAX_COLUMNS, columns);
  const everywhere = Object.entries(EVERYWHERE).map(optionLine);
  if (name === null) {
    const commands = COMMAND_ROWS.map(([one, row]): Line => [usageOf(one, row), row.does]);
    return text(width, ['rollcall COMMAND', ABOUT], { Commands: commands, Options: everywhere });
  }
  const row: CommandRow = COMMANDS[name];
  const { positional, does, examples } = row;
  const preset = positional?.defaultDescription;
  const marks = `[string]${preset === undefined ? '' : ` [default: ${preset}]`}`;
  return text(width, [usageOf(name, row), does], {
    ...(positional === undefined
      ? {}
      : { Positionals: [[positional.name, positional.describe, marks] as const] }),
    Options: [...everywhere, ...shownOptions(row).map(optionLine)],
    Examples: examples.map(([typed, means]): Line => [`rollcall ${typed}`, means]),
  });
}

const ABOUT = 'Compares the containers that run on a Diego cell with those that Garden lists.';

/** A name, what it means, and in brackets what else holds of it. */
type Line = readonly [name: string, means: string, marks?: string];

const usageOf = (name: string, { positional }: CommandRow): string =>
  `rollcall ${name}${positional === undefined ? '' : ` [${positional.name}]`}`;

function optionLine([name, row]: readonly [string, OptionRow]): Line {
  const { describe, alias, choices, type, required } = row;
  const quoted = choices?.map((choice) => JSON.stringify(choice)).join(', ');
  const preset = row.default === undefined ? row.defaultDescription : JSON.stringify(row.default);
  const marks = [
    quoted === undefined ? `[${type}]` : `[choices: ${quoted}]`,
    ...(required === true ? ['[required]'] : []),
    ...(preset === undefined ? [] : [`[default: ${preset}]`]),
  ];
  return [`${alias === undefined ? '    ' : `-${alias}, `}--${name}`, describe, marks.join(' ')];
}

function text(
  width: number,
  above: readonly string[],
  parts: Readonly<Record<string, readonly Line[]>>,
): string {
  const blocks = [
    ...above.map((one) => wrapText(one, width)),
    ...Object.entries(parts).map(([title, lines]) => [`${title}:`, ...columnsOf(lines, width)]),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** In two columns, of which the first takes about half of the window at most. */
function columnsOf(lines: readonly Line[], width: number): readonly string[] {
  const widest = Math.max(...lines.map(([name]) => name.length)) + 4;
  const indent = Math.min(widest, Math.floor(width * 0.55));
  return lines.flatMap(([name, means, marks = '']) => {
    const left = name.length + 4 <= indent ? [name] : wrapText(name, indent - 4);
    const right = wrapText(means, width - indent);
    const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
      `  ${left[index] ?? ''}`
        .padEnd(indent)
        .concat(right[index] ?? '')
        .trimEnd(),
    );
    const last = rows.pop() ?? '';
    return last.length + 1 + marks.length <= width
      ? [...rows, last + (marks === '' ? '' : marks.padStart(width - last.length))]
      : [...rows, last, ...wrapText(marks, width - 2).map((line) => line.padStart(width))];
  });
}
