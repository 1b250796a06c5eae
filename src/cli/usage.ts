import { KnownFailure, usageFailure } from '../model/failure.ts';
import { isCommandName } from './command-table.ts';

/** yargs' messages about wrong arguments, in our words. */
const IN_OUR_WORDS: readonly (readonly [RegExp, (...found: readonly string[]) => string])[] = [
  [/^Not enough arguments following: (.*)$/, (name = '') => `--${name} needs a value`],
  [/^Missing required arguments?: (.*)$/, (name = '') => `--${name} is missing`],
  [
    /^Invalid values: Argument: (\S+), Given: (.*), Choices: (.*)$/,
    (name = '', given = '', choices = '') =>
      `--${name} takes ${choices.replaceAll('"', '').replace(/, (?!.*, )/, ' or ')}, not ${given}`,
  ],
];

/** One line that says what is wrong, and which help says more. */
export function usageError(
  message: string,
  typed: readonly string[],
  names: readonly string[],
): KnownFailure {
  const [command = ''] = typed;
  const isUnknown = /^[^-]/.test(command) && command !== 'help' && !isCommandName(command);
  const line = (isUnknown ? ofUnknownCommand(message, command) : message)
    .replaceAll(/\s+/g, ' ')
    .trim();
  const [said = line] = IN_OUR_WORDS.flatMap(([pattern, words]) => {
    const found = pattern.exec(line);
    return found === null ? [] : [words(...found.slice(1))];
  });
  const help = isCommandName(command) ? `${command} --help` : '--help';
  const sentence = `${said.replace(/(?<=[^.!?])$/, '.')}${suggestion(line, typed, names)}`;
  return usageFailure(`${sentence} See rollcall ${help}.`);
}

/** A command's own complaint about its options, with its help unless that is named already. */
export const pointingToHelp = (error: unknown, command: string): unknown =>
  error instanceof KnownFailure && error.code === 'USAGE' && !error.message.endsWith('--help.')
    ? usageFailure(`${error.message} See rollcall ${command} --help.`, {
        cause: error,
      })
    : error;

/** To yargs an unknown command is an argument; the command that it suggests stays. */
function ofUnknownCommand(message: string, command: string): string {
  const meant = /Did you mean .*$/.exec(message)?.[0];
  return `Unknown command: ${command}.${meant === undefined ? '' : ` ${meant}`}`;
}

/** The option that was probably meant, among those that the command has. */
function suggestion(line: string, typed: readonly string[], names: readonly string[]): string {
  const unknown = /^Unknown arguments?: ([a-z][a-z-]*)$/.exec(line)?.[1];
  if (unknown === undefined || !typed.some((word) => word.startsWith(`--${unknown}`))) return '';
  const [nearest] = names
    .map((name) => ({ name, distance: distanceOf(unknown, name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : ` Did you mean --${nearest.name}?`;
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
