import { REASONS } from '../model/finding.ts';
import * as option from './command-options.ts';

/* The commands in words, as --help shows them, with their options. */

/** As yargs takes it, which accepts more. */
interface OptionRow {
  readonly describe: string;
  readonly type?: 'string' | 'boolean';
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly defaultDescription?: string;
  readonly hidden?: boolean;
  /** One letter. */
  readonly alias?: string;
}

interface PositionalRow {
  readonly name: string;
  readonly describe: string;
  readonly defaultDescription?: string;
  /** Several may be given. */
  readonly isList?: boolean;
}

export interface CommandRow {
  readonly does: string;
  readonly positional?: PositionalRow;
  readonly options: Readonly<Record<string, OptionRow>>;
  /** What to type after `rollcall`, and what that does. */
  readonly examples: readonly (readonly [typed: string, does: string])[];
}

const HANDLE = {
  name: 'handle',
  describe:
    'A handle, 7 or more characters that only one begins with, or app/index; any text after --',
} as const;

/** In the order of --help: first what an operator types first. */
export const COMMANDS = {
  status: {
    does: 'Show what the running agent knows; same exit codes as check',
    options: {
      ...option.AGENT,
      ...option.HTML_TOO,
      ...option.ALL,
      ...option.WIDE,
      ...option.WATCH,
    },
    examples: [
      ['status --watch', 'a line for each change, until Ctrl-C'],
      ['status --format html >cell.html', 'the page, as a file'],
    ],
  },
  check: {
    does: 'Compare once: exit 0 all tracked, 1 something untracked, 2 unknown',
    options: {
      ...option.CELL,
      ...option.CAPTURE,
      ...option.HTML_TOO,
      ...option.ALL,
      ...option.WIDE,
      ...option.SHOW_COMMANDS,
      ...option.AGENT,
    },
    examples: [
      ['check --all', 'every container, tracked ones too'],
      ['check --settle 30s', 'also reports no-cgroup'],
    ],
  },
  explain: {
    does: 'Show whose a container is, what is wrong with it, and what to do',
    positional: HANDLE,
    options: {
      ...option.CELL,
      ...option.CAPTURE,
      ...option.FORMAT,
      ...option.AGENT,
      ...option.EVIDENCE,
    },
    examples: [
      ['explain 8a37cb6f', 'a unique prefix of a handle is enough'],
      ['explain shop/0', 'instance 0 of the app shop'],
    ],
  },
  whose: {
    does: 'Show whose an id is that a sensor wrote: exit 0 named, 1 not found, 2 not certain',
    positional: {
      name: 'id',
      describe:
        'A pid, a handle or 7 or more characters of it, an id of a sensor, a cgroup path, cgroup:ID or app/index; - reads ids from standard input',
      isList: true,
    },
    options: { ...option.CELL_ONCE, ...option.AGENT, ...option.FORMAT },
    examples: [
      ['whose 479c5b59-177', "Falco's container.id"],
      ['whose 4711 --json', 'a process of the cell'],
    ],
  },
  runbook: {
    does: 'Show what to do about a finding or an alert',
    positional: {
      name: 'section',
      describe: `A reason (${REASONS.join(', ')}), an alert or a section`,
      defaultDescription: 'all of it',
    },
    options: { color: option.FORMAT.color },
    examples: [
      ['runbook unowned', 'what to do about that finding'],
      ['runbook RollcallSensorBlind', 'about that alert'],
      ['runbook find-out-whose-it-is', 'a section of any other title'],
    ],
  },
  events: {
    does: 'Show what the running agent has logged, newest first',
    positional: {
      ...HANDLE,
      describe: 'A handle, or the beginning of one',
      defaultDescription: 'all',
    },
    options: { ...option.AGENT, ...option.FORMAT },
    examples: [
      ['events', 'findings and their ends, warnings, mounts and sensors'],
      ['events 8a37cb6f', 'also of a container that is gone'],
    ],
  },
  sensors: {
    does: 'Show what each security sensor would miss; exit 1 if a running one is blind',
    options: {
      ...option.CELL_ONCE,
      ...option.CAPTURE,
      ...option.AGENT,
      ...option.FORMAT,
      ...option.SENSORS,
    },
    examples: [
      ['sensors', 'what each sensor would see of this cell'],
      ['sensors --tool tracee@0.19 --missed', 'what Tracee v0.19 would miss'],
      ['sensors --if v2', 'what each would gain and lose on cgroup v2'],
    ],
  },
  ledgers: {
    does: 'Compare every ledger of the cell: exit 0 they agree, 1 they differ, 2 unknown',
    positional: { ...HANDLE, defaultDescription: 'all that differ' },
    options: {
      ...option.CELL,
      ...option.CAPTURE,
      ...option.AGENT,
      ...option.ALL,
      ...option.WIDE,
      ...option.FORMAT,
    },
    examples: [
      ['ledgers', 'containers that ledgers differ about, and entries that belong to none'],
      ['ledgers 8a37cb6f', 'what each ledger says of one container'],
    ],
  },
  preflight: {
    does: 'Show what would hang, wait or be lost if this cell were drained or recreated',
    options: { ...option.CELL, ...option.CAPTURE, ...option.AGENT, ...option.FORMAT },
    examples: [
      ['preflight', 'before bosh recreate, or a new stemcell'],
      ['preflight --settle 30s', 'leaves out what has ended 30 s later'],
    ],
  },
  mounts: {
    does: 'Show the mount of each cgroup hierarchy, and why',
    options: { ...option.MOUNTS, ...option.CAPTURE, ...option.FORMAT },
    examples: [
      ['mounts --rule last-match', 'as Tracee 0.19 would choose'],
      ['mounts --mountinfo saved.txt', 'a table of another machine'],
    ],
  },
  capture: {
    does: 'Save what one check reads; --capture replays it elsewhere',
    positional: {
      name: 'file',
      describe: 'A new file',
      defaultDescription: 'rollcall-HOST-TIME.json.gz',
    },
    // Known, so that its error can name the commands that take it.
    options: {
      ...option.CELL,
      ...option.AGENT,
      ...option.FORMAT,
      ...option.VERIFY,
      capture: { ...option.CAPTURE.capture, hidden: true },
    },
    examples: [
      ['capture cell.json.gz', 'save this cell'],
      ['check --capture cell.json.gz', 'check it again, on any machine'],
      ['capture --verify cell.json.gz', 'verify its SHA-256'],
    ],
  },
  drill: {
    does: 'Raise a finding marked as a drill, to test the alert path end to end',
    options: { ...option.AGENT, ...option.FORMAT, ...option.DRILL },
    examples: [
      ['drill --for 15m --wait', 'wait until its metrics are read'],
      ['drill --undo', 'end it'],
    ],
  },
  version: {
    does: 'Show the version of rollcall',
    options: option.FORMAT,
    examples: [['version --json', 'with that of Node, for programs']],
  },
  agent: {
    does: 'Run the daemon: it keeps comparing and reports each change once',
    options: option.DAEMON,
    examples: [
      ['agent --config agent.json', 'run until SIGTERM'],
      ['agent --config agent.json --check-config', 'only validate the file'],
    ],
  },
  demo: {
    does: 'Run and check a Diego cell in a box; only from a clone',
    options: option.DEMO,
    examples: [['demo --keep', 'look around in the cell afterwards']],
  },
} as const satisfies Readonly<Record<string, CommandRow>>;

export type CommandName = keyof typeof COMMANDS;
/** What was typed after a command, without its positional argument. */
export type Arguments<Name extends CommandName> = option.Given<(typeof COMMANDS)[Name]['options']>;
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);
