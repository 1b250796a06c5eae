import { COMMAND_ROWS, type CommandRow, type OptionRow } from '../src/cli/command-table.ts';
import { packageVersion } from './artifact.ts';
import { root } from './bootstrap/place.mjs';
import { fileWith } from './generated-part.ts';

export const MAN_PAGE = 'docs/rollcall.1';

/**
 * docs/rollcall.1, also part of a cell's package, written by hand except for its version and the
 * commands, which are from the table that makes --help.
 */
export const manPage = (): string =>
  fileWith(MAN_PAGE, {
    'package.json': `.TH ROLLCALL 1 "" "rollcall ${packageVersion(root)}" "User Commands"\n`,
    'src/cli/command-table.ts': COMMAND_ROWS.flatMap(([name, row]) => commandLines(name, row))
      .map((line) => `${line}\n`)
      .join(''),
  });

function commandLines(name: string, { does, positional, options, examples, exits }: CommandRow) {
  const argument = positional === undefined ? [] : [`.RI [ ${text(positional.name)} ]`];
  const shown = Object.entries(options).filter(([, { hidden }]) => hidden !== true);
  return [
    `.SS ${text(`rollcall ${name}`)}`,
    `.B ${text(`rollcall ${name}`)}`,
    ...argument,
    ...(shown.length === 0 ? [] : [text('[option ...]')]),
    '.PP',
    text(`${does}.`),
    ...(positional === undefined
      ? []
      : [
          '.TP',
          `.I ${text(positional.name)}`,
          text(`${positional.describe}${defaultText(positional.defaultDescription)}.`),
        ]),
    ...shown.flatMap(([option, row]) => optionLines(option, row)),
    '.PP',
    'Examples:',
    ...examples.flatMap(([typed, what]) => ['.TP', `.B ${text(`rollcall ${typed}`)}`, text(what)]),
    '.PP',
    'Exit status:',
    ...Object.entries(exits).flatMap(([code, means]) => ['.TP', `.B ${code}`, text(means)]),
  ];
}

function optionLines(name: string, row: OptionRow): readonly string[] {
  const { type, choices, describe, alias } = row;
  const value = choices?.join(' | ') ?? name.split('-').at(-1)?.toUpperCase() ?? '';
  const taken = type === 'boolean' ? '' : ` \\fI${text(value)}\\fP`;
  const preset = row.defaultDescription ?? row.default;
  return [
    '.TP',
    `${alias === undefined ? '' : `\\fB${text(`-${alias}`)}\\fP, `}\\fB${text(`--${name}`)}\\fP${taken}`,
    text(`${describe}${defaultText(preset?.replaceAll('"', ''))}.`),
  ];
}

const defaultText = (preset: string | undefined): string =>
  preset === undefined ? '' : ` (default: ${preset})`;

/** A line of text for roff, with requests and escapes neutralised. */
const text = (line: string): string =>
  line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('/', '/\\:')
    .replace(/^(?=[.'])/, '\\&');
