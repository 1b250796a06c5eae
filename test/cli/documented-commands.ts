/** The words of a command, without its program. */
type Typed = readonly string[];

export interface DocumentedCommands {
  /** After `rollcall`, wherever the program is. */
  readonly rollcall: readonly Typed[];
  /** After `cf rollcall-status`. */
  readonly plugin: readonly Typed[];
}

/** Every command of rollcall and of its plugin on a Markdown page, in a code block or in a sentence. */
export function documentedCommands(page: string): DocumentedCommands {
  const commands = codeOf(page).flatMap(shellCommands);
  return {
    rollcall: commands.flatMap((words) => after(words, PROGRAM)),
    plugin: commands.flatMap((words) => after(words, ['cf', 'rollcall-status'])),
  };
}

const FENCED = /^ *```[^\n]*\n([^]*?)^ *```$/gm;
const INDENTED = /^ {4}.*$/gm;

function codeOf(page: string): readonly string[] {
  const blocks = Array.from(page.matchAll(FENCED), ([, block = '']) => block.split('\n')).flat();
  const outside = page.replaceAll(FENCED, '');
  const lines = Array.from(outside.matchAll(INDENTED), ([line]) => line);
  const spans = Array.from(
    outside.replaceAll(INDENTED, '').matchAll(/`([^`]+)`/g),
    ([, span = '']) =>
      // A span may continue on the next line, and a table needs a backslash before each bar.
      span.replaceAll('\n', ' ').replaceAll('\\|', '|'),
  );
  return [...blocks, ...lines, ...spans];
}

const PROGRAM = ['rollcall'];
const TOKEN = /'([^']*)'|"([^"]*)"|\s(#).*|([|&;()<>])|([^\s'"|&;()<>]+)/g;

/** The simple commands of a shell line, and of the lines that are passed on as `-c '…'`. */
function shellCommands(line: string): readonly Typed[] {
  const commands: string[][] = [[]];
  const passedOn: string[] = [];
  for (const [, single, double, comment, operator, word] of line.matchAll(TOKEN)) {
    if (comment !== undefined) break;
    if (operator === undefined) {
      const text = single ?? double ?? word ?? '';
      if (commands.at(-1)?.at(-1) === '-c') passedOn.push(text);
      commands.at(-1)?.push(text);
    } else commands.push([]);
  }
  return [...commands, ...passedOn.flatMap(shellCommands)];
}

/** Words that may stand before a program: a prompt, `sudo`, a variable, npm's way to run rollcall. */
const BEFORE = /^(?:\$|sudo|time|[A-Z_]+=\S*)$/;

function after(words: Typed, program: Typed): readonly Typed[] {
  const rest = words.slice(words.findIndex((word) => !BEFORE.test(word)));
  const npm = ['npm', 'run', '--silent', 'rollcall', '--'];
  if (program === PROGRAM && startsWith(rest, npm)) return [rest.slice(npm.length)];
  const [first = '', ...others] = rest;
  const named = [first.slice(first.lastIndexOf('/') + 1), ...others];
  return startsWith(named, program) && named.length > program.length
    ? [named.slice(program.length)]
    : [];
}

const startsWith = (words: Typed, beginning: Typed): boolean =>
  beginning.every((word, index) => words[index] === word);
