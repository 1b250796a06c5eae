import { parseArgs } from 'node:util';
import { KnownFailure } from '../../model/failure.ts';
import { VERSION } from '../../terminal/version.ts';
import type { PluginMetadata, PluginVersion } from '../cf/plugin-metadata.ts';
import { oneLine } from '../../model/text.ts';

export const COMMAND = 'rollcall-status';
/** The oldest cf whose plugin protocol was checked: the last minor version before v7. */
export const LEAST_CF = { major: 6, minor: 53, build: 0 } as const;

/** The options, for cf's help and for parsing. `value`: what an option takes; null: nothing. */
export const OPTIONS = {
  cell: {
    value: 'CELL',
    about: 'Only this cell: its ip, its index or the beginning of it, or GROUP/INDEX',
  },
  deployment: { value: 'NAME', about: 'Only the cells of this BOSH deployment' },
  untracked: { value: null, about: 'List only the cells with untracked instances' },
  output: { value: 'table|json', about: 'Output format (default: table)' },
  watch: { value: null, about: 'Again every 15 seconds, until Ctrl-C' },
  'expect-cells': { value: 'N', about: 'Say so, and fail, when fewer cells report' },
} as const;

export interface StatusArguments {
  readonly cell: string | null;
  readonly deployment: string | null;
  readonly untracked: boolean;
  readonly output: 'table' | 'json';
  readonly watch: boolean;
  readonly expectCells: number | null;
}

/** The text below "USAGE:" in cf's help. */
export const USAGE = `cf rollcall-status${Object.entries(OPTIONS)
  .map(([name, { value }]) => ` [--${name}${value === null ? '' : ` ${value}`}]`)
  .join('')}`;

/** What cf stores about the plugin, and prints for `cf help rollcall-status`. */
export const pluginMetadata: PluginMetadata = {
  name: 'rollcall',
  version: versionOf(VERSION),
  // cf refuses a plugin whose library is newer than 1.
  libraryVersion: { major: 1, minor: 0, build: 0 },
  minCliVersion: LEAST_CF,
  commands: [
    {
      name: COMMAND,
      alias: 'rcs',
      helpText: 'Show every Diego cell, and the instances that nobody tracks',
      usage: USAGE,
      options: Object.fromEntries(
        // cf puts one dash before each key.
        Object.entries(OPTIONS).map(([name, { about }]) => [`-${name}`, about]),
      ),
    },
  ],
};

/** cf has three numbers and no pre-release. */
function versionOf(text: string): PluginVersion {
  const [major = 0, minor = 0, build = 0] = text.split(/[.+-]/, 3).map(Number);
  return { major, minor, build };
}

/** @throws KnownFailure USAGE */
export function readArguments(typed: readonly string[]): StatusArguments {
  const { values } = parsed(typed);
  const output = values.output ?? 'table';
  if (output !== 'table' && output !== 'json') throw usage('--output is table or json.');
  const expected = values['expect-cells'];
  if (expected !== undefined && !/^\d{1,6}$/.test(expected)) {
    throw usage('--expect-cells is a number of cells.');
  }
  for (const name of ['cell', 'deployment'] as const) {
    if (values[name] === '') throw usage(`--${name} is empty.`);
  }
  return {
    cell: values.cell ?? null,
    deployment: values.deployment ?? null,
    untracked: values.untracked ?? false,
    output,
    watch: values.watch ?? false,
    expectCells: expected === undefined ? null : Number(expected),
  };
}

/** How stdout reports a failure: FAILED as cf does, as JSON, or as a JSON line of --watch. */
export type FailureForm = 'table' | 'json' | 'json-line';

/** From the words alone, because a program that asked for JSON gets it for a wrong option too. */
export function failureForm(typed: readonly string[]): FailureForm {
  const end = typed.indexOf('--');
  const words = end === -1 ? typed : typed.slice(0, end);
  const outputs = words.flatMap((word, index) =>
    word === '--output'
      ? [words[index + 1] ?? '']
      : word.startsWith('--output=')
        ? [word.slice(9)]
        : [],
  );
  if (outputs.findLast((output) => output === 'json' || output === 'table') !== 'json')
    return 'table';
  return words.includes('--watch') ? 'json-line' : 'json';
}

const PARSED = {
  cell: { type: 'string' },
  deployment: { type: 'string' },
  untracked: { type: 'boolean' },
  output: { type: 'string' },
  watch: { type: 'boolean' },
  'expect-cells': { type: 'string' },
} as const satisfies Record<keyof typeof OPTIONS, { readonly type: 'string' | 'boolean' }>;

function parsed(typed: readonly string[]) {
  try {
    return parseArgs({ args: [...typed], options: PARSED });
  } catch (error) {
    const isUnknown =
      error instanceof Error && 'code' in error && UNKNOWN_WORD.has(String(error.code));
    throw usage((isUnknown ? unknownWord(typed) : null) ?? saidByNode(error));
  }
}

const UNKNOWN_WORD: ReadonlySet<string> = new Set([
  'ERR_PARSE_ARGS_UNKNOWN_OPTION',
  'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL',
]);

/** Node's error about the value of a known option; its first line says what is wrong. */
function saidByNode(error: unknown): string {
  const [said] = error instanceof Error ? error.message.split(/\.?\n/) : [];
  return `${said ?? 'the options cannot be read'}.`;
}

/** A sentence about the first word that is not an option; null where all are. */
function unknownWord(typed: readonly string[]): string | null {
  const { tokens } = parseArgs({ args: [...typed], options: PARSED, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      const word = oneLine(token.value, MAX_WORD);
      const advice = namesCell(token.value) ? ` For one cell use --cell ${word}.` : '';
      return `Unexpected argument '${word}'.${advice}`;
    }
    if (token.kind === 'option' && !Object.hasOwn(PARSED, token.name)) {
      return `Unknown option '${oneLine(token.rawName, MAX_WORD)}'.`;
    }
  }
  return null;
}

const MAX_WORD = 80;

/** Whether it looks like an ip, a BOSH id or its beginning, or GROUP/INDEX. */
const namesCell = (word: string): boolean =>
  /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+|[\da-f]{8}(-[\da-f-]*)?|[\w-]+\/[\da-f-]+)$/i.test(
    word,
  );

const usage = (said: string): KnownFailure =>
  new KnownFailure('USAGE', `Incorrect Usage: ${said} See cf help rollcall-status.`);
