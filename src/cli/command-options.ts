import { CONFIG } from '../model/agent-config.ts';
import { RULES } from '../model/hierarchy.ts';

/* Options that several commands have, as yargs takes them. */

/** Not given to yargs, which would not let a command see what was typed. */
export const DEFAULTS = {
  gardenSocket: CONFIG.garden.socketPath.default,
  gardenTimeout: `${CONFIG.garden.timeoutSeconds.default}s`,
  root: '/',
  settle: '2s',
} as const;

const ROOT = {
  root: {
    type: 'string',
    describe: `Where /proc and /sys/fs/cgroup are read from [${DEFAULTS.root}]`,
    requiresArg: true,
  },
} as const;

export const FORMAT = {
  format: {
    choices: ['table', 'json'] as const,
    default: 'table' as const,
    describe: 'Output',
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

/** Of a command that looks once. */
export const CELL_ONCE = {
  'garden-socket': {
    type: 'string',
    describe: `Garden's socket [${DEFAULTS.gardenSocket}]`,
    requiresArg: true,
  },
  'garden-timeout': {
    type: 'string',
    describe: `Longest wait for Garden [${DEFAULTS.gardenTimeout}]`,
    requiresArg: true,
  },
  ...ROOT,
} as const;

export const CELL = {
  ...CELL_ONCE,
  settle: {
    type: 'string',
    describe: `How long a difference must last [${DEFAULTS.settle}]; 30s or more tells no-cgroup too`,
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

export const ALL = {
  all: { type: 'boolean', default: false, describe: 'List the tracked containers too' },
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
  missed: { type: 'boolean', default: false, describe: 'List every container that it would miss' },
} as const;

export const MOUNTS = {
  mountinfo: {
    type: 'string',
    describe: 'Read a saved /proc/<pid>/mountinfo instead of this cell; - is standard input',
    requiresArg: true,
  },
  mounts: {
    type: 'string',
    describe: 'The same for /proc/<pid>/mounts, which does not show what a mount holds',
    requiresArg: true,
  },
  'cgroup-namespace': {
    choices: ['auto', 'initial', 'private'] as const,
    default: 'auto' as const,
    describe: 'In which cgroup namespace a saved table was read',
    requiresArg: true,
  },
  rule: {
    choices: RULES,
    default: 'verified' as const,
    describe: 'Choose as another tool would',
    requiresArg: true,
  },
  compare: { type: 'boolean', default: false, describe: 'What every rule takes, side by side' },
  ...ROOT,
} as const;
