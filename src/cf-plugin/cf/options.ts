import { parseArgs } from 'node:util';
import { type KnownFailure, usageFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { VERSION } from '../../terminal/version.ts';
import type { PluginMetadata } from './plugin-metadata.ts';

export const COMMAND = 'rollcall-status';
/** The oldest cf whose plugin protocol was verified: the last minor version before v7. */
export const LEAST_CF = [6, 53, 0] as const;

/** The options, for cf's help and for parsing: their values and their descriptions. */
export const OPTIONS = {
  cell: ['CELL', 'Only this cell: its ip, its index or the beginning of it, or GROUP/INDEX'],
  deployment: ['NAME', 'Only the cells of this BOSH deployment'],
  app: ['NAME', 'The instances of this app: cell, verdict, and which sensors see it'],
  org: ['NAME', 'With --app: only in this org'],
  space: ['NAME', 'With --app: only in this space'],
  untracked: ['', 'List only the cells with untracked instances'],
  wide: ['', 'Show stuck containers, leftovers, warnings and cgroup mode, too'],
  sensors: ['', 'Show which sensor does not see everything, and where'],
  output: ['table|json', 'Output format (default: table)'],
  'expect-cells': ['N', 'Fail when fewer cells report'],
  'expect-groups': ['A,B', 'Only these groups have rollcall (default: every one with a rep)'],
  forget: ['A,B|all-gone', 'Forget these gone cells, after they were deleted'],
  timeout: ['SECONDS', 'For the whole run (default: 20)'],
} as const;
type Option = keyof typeof OPTIONS;
const EXCLUSIVE = ['app', 'untracked', 'sensors'] as const;

/** Options that choose or expect cells; an app's instances may be on any cell. */
const WITHOUT_APP = ['cell', 'deployment', 'expect-cells', 'expect-groups', 'forget'] as const;

/** In place of names with `--forget`. */
export const ALL_GONE = 'all-gone';

/** The form of the output. */
export type Form = 'table' | 'json';
export type StatusArguments = ReturnType<typeof readArguments>;
/** What is shown of the cells. */
export type View = 'cells' | 'sensors' | 'app';

export const USAGE = `cf rollcall-status${Object.entries(OPTIONS)
  .map(([name, [value]]) => ` [--${name}${value === '' ? '' : ` ${value}`}]`)
  .join('')}

EXAMPLES:
   cf rollcall-status --untracked
   cf rollcall-status --cell diego_cell/5b1c0f4e
   cf rollcall-status --expect-cells 250 --output json | jq -r .verdict
   cf rollcall-status --expect-groups diego_cell
   cf rollcall-status --app checkout --space production`;

// A plugin version in cf has three numbers and no pre-release part.
const [major = 0, minor = 0, build = 0] = VERSION.split(/[.+-]/, 3).map(Number);

/** What cf stores about the plugin, and prints for `cf help rollcall-status`. */
export const pluginMetadata: PluginMetadata = {
  name: 'rollcall',
  version: [major, minor, build],
  libraryVersion: [1, 0, 0],
  minCliVersion: LEAST_CF,
  command: {
    name: COMMAND,
    alias: 'rcs',
    helpText: 'Show every Diego cell and the untracked instances',
    usage: USAGE,
    options: Object.fromEntries(
      // cf puts one dash before each key.
      Object.entries(OPTIONS).map(([name, [, about]]) => [`-${name}`, about]),
    ),
  },
};

/** @throws KnownFailure USAGE */
export function readArguments(typed: readonly string[]) {
  const values = parsed(typed);
  const text = (name: Option): string | null => {
    const value = values[name];
    if (value === '') throw usage(`--${name} is empty.`);
    return typeof value === 'string' ? value : null;
  };
  const list = (name: Option): readonly string[] | null => {
    const names = text(name)?.split(',') ?? null;
    const trimmed = names?.map((one) => one.trim()) ?? null;
    if (trimmed?.includes('') === true) throw usage(`--${name} has an empty name.`);
    return trimmed;
  };
  const number = (name: Option, what: string): number | null => {
    const value = values[name] ?? null;
    if (value === null) return null;
    if (typeof value === 'string' && /^\d{1,6}$/.test(value)) return Number(value);
    throw usage(`--${name} is a number of ${what}.`);
  };
  const form = text('output') ?? 'table';
  if (form !== 'table' && form !== 'json') throw usage('--output is table or json.');
  const output: Form = form;
  const app = text('app');
  const given = (name: Option): boolean => values[name] !== undefined;
  const [first = null, second] = EXCLUSIVE.filter(given);
  const other = app === null ? second : (second ?? WITHOUT_APP.find(given));
  if (other !== undefined) throw usage(`--${first} and --${other} exclude each other.`);
  if (app === null && (given('org') || given('space')))
    throw usage('--org and --space need --app.');
  const view: View = first === 'untracked' || first === null ? 'cells' : first;
  const timeoutSeconds = number('timeout', 'seconds') ?? 20;
  if (timeoutSeconds === 0) throw usage('--timeout is a number of seconds.');
  const cell = text('cell');
  return {
    app: app === null ? null : { app, org: text('org'), space: text('space') },
    selection: {
      cell,
      deployment: text('deployment'),
      /** Lists only cells with untracked instances; the verdict still counts all selected cells. */
      untrackedOnly: values['untracked'] === true,
    },
    /** Whether cells are shown with all their columns. */
    isWide: values['wide'] === true || cell !== null,
    view,
    output,
    expectedCells: number('expect-cells', 'cells'),
    /** The instance groups with rollcall; null: all with a rep. */
    expectedGroups: list('expect-groups'),
    /** The names of gone cells to forget, or ALL_GONE; null: none. */
    forget: list('forget'),
    timeoutSeconds,
  };
}

/** The form in which a failure is reported, even if the arguments cannot be parsed. */
export function failureForm(typed: readonly string[]): Form {
  const end = typed.indexOf('--');
  const words = end === -1 ? typed : typed.slice(0, end);
  const outputs = [...words.join('\n').matchAll(/^--output[\n=](json|table)$/gm)];
  return outputs.at(-1)?.[1] === 'json' ? 'json' : 'table';
}

function parsed(typed: readonly string[]): Readonly<Record<string, unknown>> {
  const options = Object.entries(OPTIONS).map(([name, [value]]) => {
    const type: 'string' | 'boolean' = value === '' ? 'boolean' : 'string';
    return [name, { type }] as const;
  });
  try {
    return parseArgs({ args: [...typed], options: Object.fromEntries(options) }).values;
  } catch (error) {
    // Node's first sentence names the problem; a quoted word in it may contain dots.
    const [said] = error instanceof Error ? error.message.split(/\.(?:\s|$)(?![^']*'\.)/) : [];
    throw usage(`${oneLine(said ?? 'the options cannot be read', 200)}.`);
  }
}

const usage = (said: string): KnownFailure =>
  usageFailure(`Incorrect Usage: ${said} See cf help rollcall-status.`);
