import { parseArgs } from 'node:util';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';

/** One table for cf's help and for reading what was typed. `value`: what the option takes; null: nothing. */
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

/** As it stands below "USAGE:" in cf's help. */
export const USAGE = `cf rollcall-status${Object.entries(OPTIONS)
  .map(([name, { value }]) => ` [--${name}${value === null ? '' : ` ${value}`}]`)
  .join('')}`;

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

/** How a failure is told on stdout: FAILED as cf's own commands do, as JSON, or as a line of JSON among those of --watch. */
export type FailureForm = 'table' | 'json' | 'json-line';

/** From the words alone, because who parses JSON gets it for a wrong option too. */
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

/** Of an option of ours without a value, or with one too many. Node explains over several lines; the first says what is wrong. */
function saidByNode(error: unknown): string {
  const [said] = error instanceof Error ? error.message.split(/\.?\n/) : [];
  return `${said ?? 'the options cannot be read'}.`;
}

/** What is typed and no option of ours, in a sentence; null where all words are known. */
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

/** An ip, a BOSH id or the beginning of it, or GROUP/INDEX. */
const namesCell = (word: string): boolean =>
  /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+|[\da-f]{8}(-[\da-f-]*)?|[\w-]+\/[\da-f-]+)$/i.test(
    word,
  );

const usage = (said: string): KnownFailure =>
  new KnownFailure('USAGE', `Incorrect Usage: ${said} See cf help rollcall-status.`);
