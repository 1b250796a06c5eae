import { parseArgs } from 'node:util';
import { KnownFailure, usageFailure } from '../model/failure.ts';
import { listText } from '../present/names.ts';
import { EVERYWHERE } from './command-options.ts';
import {
  COMMAND_ROWS,
  COMMANDS,
  isCommandName,
  type Arguments,
  type CommandName,
  type CommandRow,
  type OptionRow,
} from './command-table.ts';

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** What was typed; without a command, only help and version are possible. */
export interface Typed {
  readonly name: CommandName | null;
  readonly wants: 'help' | 'version' | 'command';
  /** By name in camel case: options, and the argument of the command. */
  readonly values: Values;
}

/** The options of all commands: which of them it is, only its name among the words shows. */
const OPTIONS = Object.fromEntries(
  [EVERYWHERE, ...COMMAND_ROWS.map(([, { options }]) => options)].flatMap((options) =>
    Object.entries(options).map(([name, { type, alias }]: readonly [string, OptionRow]) => [
      name,
      { type, ...(alias === undefined ? {} : { short: alias }) },
    ]),
  ),
);

/** @throws KnownFailure USAGE */
export function readTyped(typed: readonly string[]): Typed {
  const { tokens } = parseArgs({
    args: [...typed],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find(({ kind }) => kind !== 'option');
  const command = first?.kind === 'positional' ? first.value : null;
  const name = command !== null && isCommandName(command) ? command : null;
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const asks = (option: string): boolean =>
    tokens.some((token) => token.kind === 'option' && token.name === option);
  if (asks('help') || command === 'help') return { name, wants: 'help', values: {} };
  if (asks('version')) return { name, wants: 'version', values: {} };
  if (command === null) throw usageError('Give a command.', null);
  if (name === null) {
    const names = COMMAND_ROWS.map(([one]) => one);
    throw usageError(`Unknown command: ${command}.${suggestion(command, names)}`, null);
  }
  const { options, positional }: CommandRow = COMMANDS[name];
  const values: Record<string, Values[string]> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const row = new Map(Object.entries(options)).get(token.name);
    if (row === undefined) {
      const meant = suggestion(token.name, Object.keys(options), '--');
      throw usageError(`Unknown argument: ${token.name}.${meant}`, name);
    }
    values[camelCase(token.name)] = valueOf(token, row, name);
  }
  if (values['json'] === true) {
    if (values['format'] !== undefined)
      throw usageError(
        '--json is the same as --format json (-o json): give only one of them.',
        name,
      );
    values['format'] = 'json';
  }
  const [argument, ...more] = words.slice(1);
  const [unexpected] = positional === undefined ? words.slice(1) : more;
  if (unexpected !== undefined) throw usageError(`Unknown argument: ${unexpected}.`, name);
  if (positional !== undefined) values[positional.name] = argument;
  for (const [option, { default: preset }] of Object.entries(options))
    values[camelCase(option)] ??= preset;
  return { name, wants: 'command', values };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function valueOf(
  { name, rawName, value: typed, inlineValue }: OptionToken,
  { type, choices }: OptionRow,
  command: CommandName,
): string | boolean {
  if (type === 'boolean') {
    if (typed === undefined || typed === 'true') return true;
    if (typed === 'false') return false;
    throw usageError(`--${name} takes no value.`, command);
  }
  // After a space, a word with a dash is the next option, unless it is a number.
  if (typed === undefined || (inlineValue !== true && /^-[^\d]/.test(typed)))
    throw usageError(`--${name} needs a value.`, command);
  // As in -o=json.
  const value = rawName.startsWith('--') ? typed : typed.replace(/^=/, '');
  if (choices?.includes(value) === false) {
    const known = listText(choices, 'or');
    throw usageError(`--${name} takes ${known}, not ${JSON.stringify(value)}.`, command);
  }
  return value;
}

/** @throws KnownFailure USAGE if an option is missing that the command needs */
export function checkValues<Name extends CommandName>(
  name: Name,
  values: Values,
): asserts values is Values & Arguments<Name> {
  const { options }: CommandRow = COMMANDS[name];
  for (const [option, { required }] of Object.entries(options))
    if (required === true && values[camelCase(option)] === undefined)
      throw usageError(`--${option} is missing.`, name);
}

const camelCase = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** One line that says what is wrong, and which help says more. */
const usageError = (message: string, command: CommandName | null, cause?: unknown): KnownFailure =>
  usageFailure(
    `${message.replaceAll(/\s+/g, ' ')} See rollcall ${command === null ? '' : `${command} `}--help.`,
    { cause },
  );

/** A command's own complaint about its options, with its help. */
export const pointingToHelp = (error: unknown, command: CommandName): unknown =>
  error instanceof KnownFailure && error.code === 'USAGE'
    ? usageError(error.message, command, error)
    : error;

/** The name that was probably meant. */
function suggestion(typed: string, names: readonly string[], mark = ''): string {
  const [nearest] = names
    .map((name) => ({ name, distance: distanceOf(typed, name) }))
    .filter(({ name, distance }) => distance <= Math.ceil(name.length / 3))
    .toSorted((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : ` Did you mean ${mark}${nearest.name}?`;
}

/** The Levenshtein distance: how many letters are added, left out or changed. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of a.split('').entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const changed = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
