import { CONFIG } from '../model/agent-config.ts';
import { RULES } from '../model/hierarchy.ts';

/* The options of commands, as yargs takes them. */

/** The values of options, as a command gets them. */
export type Given<Options> = {
  readonly [
    Name in keyof Options as Options[Name] extends AlwaysGiven ? CamelCase<Name> : never
  ]: ValueOf<Options[Name]>;
} & {
  readonly [Name in keyof Options as Options[Name] extends AlwaysGiven ? never : CamelCase<Name>]?:
    | ValueOf<Options[Name]>
    | undefined;
};

type AlwaysGiven = { readonly default: string } | { readonly demandOption: true };
type ValueOf<Option> = Option extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Option extends { readonly type: 'boolean' }
    ? boolean
    : string;
type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name & string;

/** For the help only: yargs does not set them, because a command must see what was typed. */
export const DEFAULTS = {
  gardenSocket: CONFIG.garden.socketPath.default,
  gardenTimeout: `${CONFIG.garden.timeoutSeconds.default}s`,
  root: '/',
  settle: '2s',
} as const;

/** In the form in which yargs shows the defaults that it sets itself. */
function shown(value: string): string {
  return JSON.stringify(value);
}

const ROOT = {
  root: {
    type: 'string',
    describe: 'Where /proc and /sys/fs/cgroup are read from',
    defaultDescription: shown(DEFAULTS.root),
    requiresArg: true,
  },
} as const;

export const FORMAT = {
  format: {
    choices: ['table', 'json'] as const,
    default: 'table' as const,
    describe: 'Output format',
    requiresArg: true,
  },
  color: {
    choices: ['auto', 'always', 'never'] as const,
    default: 'auto' as const,
    describe: 'Colour; auto: on a terminal without NO_COLOR',
    requiresArg: true,
  },
} as const;

export const HTML_TOO = {
  ...FORMAT,
  format: { ...FORMAT.format, choices: ['table', 'json', 'html'] as const },
} as const;

/** For a command that makes one check. */
export const CELL_ONCE = {
  'garden-socket': {
    type: 'string',
    describe: "Garden's socket",
    defaultDescription: shown(DEFAULTS.gardenSocket),
    requiresArg: true,
  },
  'garden-timeout': {
    type: 'string',
    describe: 'How long to wait for Garden',
    defaultDescription: shown(DEFAULTS.gardenTimeout),
    requiresArg: true,
  },
  ...ROOT,
} as const;

export const CELL = {
  ...CELL_ONCE,
  settle: {
    type: 'string',
    describe: 'How long a difference must last; 30s or more also reports no-cgroup',
    defaultDescription: shown(DEFAULTS.settle),
    requiresArg: true,
  },
} as const;

export const AGENT = {
  'status-socket': {
    type: 'string',
    default: CONFIG.status.socketPath.default,
    requiresArg: true,
    describe: "The agent's socket",
  },
} as const;

export const ACK = {
  for: { type: 'string', requiresArg: true, describe: 'For how long: 7d, 12h or 30m, at most 90d' },
  reason: { type: 'string', requiresArg: true, describe: 'Why the finding is acceptable' },
  by: {
    type: 'string',
    requiresArg: true,
    describe: 'Who acknowledges it',
    defaultDescription: 'the user of this shell',
  },
  list: { type: 'boolean', describe: 'List what is acknowledged' },
  undo: { type: 'boolean', describe: 'Withdraw the acknowledgement' },
} as const;

export const ALL = {
  all: { type: 'boolean', describe: 'List the tracked containers too' },
} as const;

export const SHOW_COMMANDS = {
  'show-commands': {
    type: 'boolean',
    describe: 'Show whole command lines, with their secrets; only for root',
  },
} as const;

export const CAPTURE = {
  capture: { type: 'string', describe: 'Read a saved cell instead of this one', requiresArg: true },
} as const;

export const SENSORS = {
  tool: {
    type: 'string',
    describe: 'Only this sensor, NAME or NAME@VERSION: tracee@0.19',
    requiresArg: true,
  },
  missed: { type: 'boolean', describe: 'List every container that it would miss' },
} as const;

export const MOUNTS = {
  mountinfo: {
    type: 'string',
    describe: 'Read a saved /proc/<pid>/mountinfo instead of this cell; - is standard input',
    requiresArg: true,
  },
  mounts: {
    type: 'string',
    describe: 'The same for /proc/<pid>/mounts, which has no root field',
    requiresArg: true,
  },
  'cgroup-namespace': {
    choices: ['auto', 'initial', 'private'] as const,
    default: 'auto' as const,
    describe: 'The cgroup namespace in which a saved table was read',
    requiresArg: true,
  },
  rule: {
    choices: RULES,
    default: 'verified' as const,
    describe: 'Choose as another tool would',
    requiresArg: true,
  },
  compare: { type: 'boolean', describe: 'Show what each rule would choose, side by side' },
  ...ROOT,
} as const;

/** For one command each. */
export const WATCH = {
  watch: { type: 'boolean', describe: 'Ask again every two seconds, until Ctrl-C' },
} as const;

export const SINCE = {
  since: {
    type: 'string',
    requiresArg: true,
    describe: 'Show what the agent did during this time, such as 24h, hour by hour',
  },
} as const;

export const DRILL = {
  for: { type: 'string', default: '5m', requiresArg: true, describe: 'How long it lasts' },
} as const;

export const DEMO = {
  keep: { type: 'boolean', describe: 'Leave the cell running, and print how to enter it' },
  color: FORMAT.color,
} as const;

export const DAEMON = {
  config: {
    type: 'string',
    demandOption: true,
    requiresArg: true,
    describe: 'The configuration, a JSON file',
  },
  'check-config': {
    type: 'boolean',
    describe: 'Only validate it, and list every error',
  },
  'verify-passes': {
    type: 'string',
    requiresArg: true,
    describe: 'Compare every Nth pass with a full one, and log differences: bugs in rollcall',
    defaultDescription: 'reconcile.verifyPasses of the configuration',
  },
} as const;
