import { CONFIG } from '../model/agent-config.ts';
import { RULES } from '../model/hierarchy.ts';
import { OTHER_MODES } from '../model/sensor.ts';

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
const shown = (value: string) => ({ defaultDescription: JSON.stringify(value) });

const flag = (describe: string) => ({ type: 'boolean', describe }) as const;

const value = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;

const oneOf = <const Choice extends string>(
  describe: string,
  preset: NoInfer<Choice>,
  choices: readonly Choice[],
) => ({ choices, default: preset, describe, requiresArg: true }) as const;

const ROOT = {
  root: { ...value('Where /proc and /sys/fs/cgroup are read from'), ...shown(DEFAULTS.root) },
};

export const FORMAT = {
  format: { ...oneOf('Output format', 'table', ['table', 'json']), alias: 'o' },
  json: flag('The same as --format json'),
  color: oneOf('Colour; auto: on a terminal without NO_COLOR', 'auto', ['auto', 'always', 'never']),
};

export const HTML_TOO = {
  ...FORMAT,
  format: { ...oneOf('Output format', 'table', ['table', 'json', 'html']), alias: 'o' },
};

/** For a command that makes one check. */
export const CELL_ONCE = {
  'garden-socket': { ...value("Garden's socket"), ...shown(DEFAULTS.gardenSocket) },
  'garden-timeout': { ...value('How long to wait for Garden'), ...shown(DEFAULTS.gardenTimeout) },
  ...ROOT,
};

export const CELL = {
  ...CELL_ONCE,
  settle: {
    ...value('How long a difference must last; 30s or more also reports no-cgroup'),
    ...shown(DEFAULTS.settle),
  },
};

export const AGENT = {
  'status-socket': { ...value("The agent's socket"), default: CONFIG.status.socketPath.default },
};

export const WIDE = { wide: flag('Show whole handles, even on a narrow terminal') };

export const ALL = { all: flag('List the tracked containers too') };

export const SHOW_COMMANDS = {
  'show-commands': flag('Show whole command lines, with their secrets; only for root'),
};

export const EVIDENCE = { all: flag('Show all other evidence, too') };

export const CAPTURE = { capture: value('Read a saved cell instead of this one') };

export const VERIFY = {
  verify: value('Verify this capture against its SHA-256, and do nothing else'),
};

export const SENSORS = {
  tool: value('Only this sensor, NAME or NAME@VERSION: tracee@0.19'),
  missed: flag('List every container that it would miss'),
  predict: flag('Show what each version would see, and why'),
  if: {
    choices: OTHER_MODES,
    describe: 'Show what each would gain and lose on cgroup v2, or with CPU throttling',
    requiresArg: true,
  } as const,
};

export const MOUNTS = {
  mountinfo: value('Read a saved /proc/<pid>/mountinfo instead of this cell; - is standard input'),
  mounts: value('The same for /proc/<pid>/mounts, which has no root field'),
  'cgroup-namespace': oneOf('The cgroup namespace in which a saved table was read', 'auto', [
    'auto',
    'initial',
    'private',
  ]),
  rule: oneOf('Choose as another tool would', 'verified', RULES),
  ...ROOT,
};

/** For one command each. */
export const WATCH = {
  watch: flag('Follow the agent: print a line for each change'),
};

export const DRILL = {
  for: { ...value('How long it lasts'), defaultDescription: '5m' },
  wait: flag('Wait until somebody has read its metrics'),
  undo: flag('End the drill that runs'),
};

export const DEMO = {
  keep: flag('Leave the cell running, and print how to enter it'),
  color: FORMAT.color,
};

export const DAEMON = {
  config: { ...value('The configuration, a JSON file'), demandOption: true as const },
  'check-config': flag('Only validate it, and list every error'),
  // For tests and long runs: a difference is a bug in rollcall.
  'verify-passes': {
    ...value('Compare every Nth pass with a full one, and log differences; 0: none'),
    default: '0',
    hidden: true,
  },
};
