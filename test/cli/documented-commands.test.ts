import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { readArguments } from '../../src/cf-plugin/cf/options.ts';
import { isCommandName } from '../../src/cli/command-table.ts';
import { chosenCommand } from '../../src/cli/commands.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { keptStreams } from '../kept-streams.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'manifests/**/*.md'], { cwd: root });

const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

describe('the commands of a page', () => {
  it('are found on all pages', () => {
    const { rollcall, plugin } = documentedCommands(PAGES.map(textOf).join('\n'));
    expect(rollcall.length).to.be.at.least(100);
    expect(plugin.length).to.be.at.least(5);
  });

  it('fail if the program does not have them', async () => {
    expect(await refusal(['chekc'])).to.match(/Unknown command/);
    expect(await refusal(['check', '--setle', '2s'])).to.match(/Unknown argument/);
    expect(await refusal(['status', '--format', 'htm'])).not.to.equal(null);
    expect(pluginRefusal(['--expect-cels', 'N'])).not.to.equal(null);
  });

  for (const page of PAGES)
    it(`are those that the program has: ${page}`, async () => {
      const { rollcall, plugin } = documentedCommands(textOf(page));
      for (const words of rollcall.filter(isParsed))
        expect(await refusal(words), words.join(' ')).to.equal(null);
      for (const words of plugin.filter(isParsed))
        expect(pluginRefusal(words), words.join(' ')).to.equal(null);
    });
});

/** Placeholders for all arguments, and options that yargs or cf answers itself. */
const NOT_PARSED = new Set(['COMMAND', 'ARGS', '…', '$@', '--help', '--version']);
const isParsed = (words: readonly string[]): boolean => !words.some((word) => NOT_PARSED.has(word));

/**
 * The program's message about the arguments, or null if it would run them. A name alone may lack
 * some.
 */
async function refusal(words: readonly string[]): Promise<string | null> {
  const [name = '', ...others] = words;
  if (isCommandName(name) && others.length === 0) return null;
  try {
    await chosenCommand(words, { ...keptStreams(), isTty: false, columns: 80, env: {} });
    return null;
  } catch (error) {
    if (error instanceof KnownFailure) return error.message;
    throw error;
  }
}

function pluginRefusal(words: readonly string[]): string | null {
  try {
    readArguments(words.map((word) => (word === 'N' ? '250' : word)));
    return null;
  } catch (error) {
    if (error instanceof KnownFailure) return error.message;
    throw error;
  }
}

/** The words of a command, without its program. */
type Typed = readonly string[];

/**
 * Every command of rollcall and of its plugin on a Markdown page, in a code block or in a sentence.
 */
function documentedCommands(page: string) {
  const commands = codeOf(page).flatMap(shellCommands);
  return {
    /** After `rollcall`, wherever the program is. */
    rollcall: commands.flatMap((words) => after(words, PROGRAM)),
    /** After `cf rollcall-status`. */
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

/**
 * Words that may stand before a program: a prompt, `sudo`, a variable, npm's way to run rollcall.
 */
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
