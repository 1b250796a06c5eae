import { parseArgs } from 'node:util';
import { KnownFailure } from '../../model/failure.ts';

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

function parsed(typed: readonly string[]) {
  try {
    return parseArgs({
      args: [...typed],
      options: {
        cell: { type: 'string' },
        deployment: { type: 'string' },
        untracked: { type: 'boolean' },
        output: { type: 'string' },
        watch: { type: 'boolean' },
        'expect-cells': { type: 'string' },
      } satisfies Record<keyof typeof OPTIONS, { readonly type: 'string' | 'boolean' }>,
    });
  } catch (error) {
    // Node explains over several sentences; the first says what is wrong.
    const [said] = error instanceof Error ? error.message.split(/[.\n] ?/) : [];
    throw usage(`${said ?? 'the options cannot be read'}.`);
  }
}

const usage = (said: string): KnownFailure =>
  new KnownFailure('USAGE', `Incorrect Usage: ${said} See cf help rollcall-status.`);
