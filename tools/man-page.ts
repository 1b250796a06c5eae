import { COMMAND_ROWS, type CommandRow, type OptionRow } from '../src/cli/command-table.ts';
import { packageVersion } from './artifact.ts';
import { root } from './bootstrap/place.mjs';

export const MAN_PAGE = 'docs/rollcall.1';

/** docs/rollcall.1, also part of a cell's package, from the table that makes --help. */
export function manPage(): string {
  return [
    '.\\" Made by npm run generate from src/cli/command-table.ts.',
    `.TH ROLLCALL 1 "" "rollcall ${packageVersion(root)}" "User Commands"`,
    '.SH NAME',
    text('rollcall - compare the containers that a Diego cell runs with those that Garden lists'),
    '.SH SYNOPSIS',
    '.B rollcall',
    '.I COMMAND',
    text('[option ...]'),
    '.SH DESCRIPTION',
    ...DESCRIPTION.flatMap((paragraph) => ['.PP', text(paragraph)]),
    '.SH COMMANDS',
    ...COMMAND_ROWS.flatMap(([name, row]) => commandLines(name, row)),
    '.SH EXIT STATUS',
    text(
      'Below each command. A usage error, and every failure that is not listed there, exits 2 with one line on standard error that says what to do.',
    ),
    '.SH FILES',
    ...FILES.flatMap(([file, what]) => ['.TP', `.I ${text(file)}`, text(what)]),
    '.SH ENVIRONMENT',
    ...VARIABLES.flatMap(([name, what]) => ['.TP', `.B ${text(name)}`, text(what)]),
    '.SH SEE ALSO',
    text(
      'The runbook: rollcall runbook. The documentation of each command: rollcall COMMAND --help.',
    ),
    '',
  ].join('\n');
}

const DESCRIPTION = [
  'rollcall reads the cgroups and processes of a Cloud Foundry Diego cell, asks Garden which containers it lists, and reports every container that nobody tracks, with a reason and what to do about it.',
  "It changes nothing on the cell. Run it as root or as the user vcap: Garden's socket admits only these two.",
  'Every command has --help and --version. With --format json nothing else is on standard output.',
];

const FILES = [
  ['/var/vcap/packages/rollcall/bin/rollcall', 'The command, where the BOSH release is deployed.'],
  ['/var/vcap/packages/rollcall/runbook.md', 'What rollcall runbook shows.'],
  ['/var/vcap/data/garden/garden.sock', "Garden's socket."],
  ['/var/vcap/data/rollcall/rollcall.sock', 'The socket of the running agent.'],
] as const;

const VARIABLES = [
  ['NO_COLOR', 'Disables colour unless --color always is given.'],
  ['PAGER', 'The pager for what is longer than the terminal (default: less); empty: none.'],
  ['LESS', 'The options of less (default: FRX).'],
  ['TERM', 'If it is dumb or unset, there is no pager.'],
  ['COLUMNS', 'The width of tables if the terminal does not report one.'],
] as const;

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
