import yargs from 'yargs';
import { KnownFailure } from '../model/failure.ts';
import type { Io } from '../terminal/io.ts';
import { EXIT_FAILED } from '../terminal/failing.ts';
import { VERSION } from '../terminal/version.ts';
import { usageError } from './usage.ts';
import {
  AGENT,
  ALL,
  CAPTURE,
  CELL,
  CELL_ONCE,
  FORMAT,
  HTML_TOO,
  MOUNTS,
  SENSORS,
} from './command-options.ts';

/**
 * Runs the command that was typed. Its body is imported when it is called, so that a command loads
 * only what it needs.
 * @throws KnownFailure
 */
export async function rollcall(typed: readonly string[], io: Io): Promise<number> {
  if (typed.length === 0) {
    // Exit 0 would look like "all tracked" to a script whose command came out empty.
    io.stdout(`${await commands([], io).getHelp()}\n`);
    return EXIT_FAILED;
  }
  const run = await chosenCommand(typed, io);
  return run === null ? 0 : run();
}

function commands(typed: readonly string[], io: Io) {
  const usage = (message: string): KnownFailure => usageError(message, typed, optionNames());
  return (
    yargs([...typed])
      .scriptName('rollcall')
      .usage(
        '$0 COMMAND\n\nCompares the containers that the kernel runs on a Diego cell with those that Garden lists.',
      )
      .command(
        'check',
        'Compare once: exit 0 all tracked, 1 something untracked, 2 could not tell',
        (y) =>
          y
            .options({ ...CELL, ...CAPTURE, ...HTML_TOO, ...ALL })
            .example('$0 check --all', 'every container, tracked ones too')
            .example('$0 check --settle 30s', 'tells no-cgroup too'),
        (args) => choose(async () => (await import('./check-command.ts')).runCheck(args, io)),
      )
      .command(
        'mounts',
        'Which mount shows each cgroup hierarchy, and why',
        (y) =>
          y
            .options({ ...MOUNTS, ...FORMAT })
            .example('$0 mounts --compare', 'what every rule would take')
            .example('$0 mounts --mountinfo saved.txt', 'a table of another machine'),
        (args) => choose(async () => (await import('./mounts-command.ts')).runMounts(args, io)),
      )
      .command(
        'explain [handle]',
        'All that is known of one container',
        (y) =>
          y
            .positional('handle', {
              type: 'string',
              describe: "Garden's handle or its beginning, or app/index; after -- any text",
            })
            .options({ ...CELL, ...CAPTURE, ...FORMAT, ...AGENT })
            .example('$0 explain 8a37cb6f', 'the beginning of a handle is enough')
            .example('$0 explain shop/0', 'instance 0 of the app shop'),
        (args) =>
          choose(async () => {
            const handle = theHandle(args, usage);
            return (await import('./explain-command.ts')).runExplain({ ...args, handle }, io);
          }),
      )
      .command(
        'capture [file]',
        'Save what one check reads, to be replayed elsewhere with --capture',
        (y) =>
          y
            .positional('file', {
              type: 'string',
              describe: 'A new file; default rollcall-HOST-TIME.json.gz',
            })
            // Known, so that its error can say what takes it.
            .options({ ...CELL, ...FORMAT, capture: { ...CAPTURE.capture, hidden: true } }),
        (args) => choose(async () => (await import('./capture-command.ts')).runCapture(args, io)),
      )
      .command(
        'sensors',
        'Which security sensor would not see which container: exit 1 if one that runs is blind',
        (y) =>
          y
            .options({ ...CELL_ONCE, ...CAPTURE, ...AGENT, ...FORMAT, ...SENSORS })
            .example('$0 sensors --tool tracee@0.19 --missed', 'what Tracee v0.19 would miss'),
        (args) => choose(async () => (await import('./sensors-command.ts')).runSensors(args, io)),
      )
      .command(
        'demo',
        'A Diego cell in a box, checked before your eyes; only from a clone',
        (y) => y.options({ keep: { type: 'boolean', default: false }, color: FORMAT.color }),
        () => choose(() => Promise.reject(noDemoHere())),
      )
      .command(
        'status',
        'What the running agent knows; exits as check',
        (y) =>
          y.options({
            ...AGENT,
            ...HTML_TOO,
            ...ALL,
            watch: { type: 'boolean', default: false, describe: 'Again every two seconds' },
          }),
        (args) => choose(async () => (await import('./status-command.ts')).runStatus(args, io)),
      )
      .command(
        'drill',
        'Raise a finding that is marked as a drill, to try the way to the pager',
        (y) =>
          y.options({
            ...AGENT,
            ...FORMAT,
            for: {
              type: 'string',
              default: '5m',
              requiresArg: true,
              describe: 'How long it lasts',
            },
          }),
        (args) => choose(async () => (await import('./drill-command.ts')).runDrill(args, io)),
      )
      .command(
        'runbook [of]',
        'What to do about a finding or an alert',
        (y) =>
          y
            .positional('of', { type: 'string', describe: 'A reason or an alert; default: all' })
            .options({ color: FORMAT.color })
            .example('$0 runbook unowned', 'what to do about that finding'),
        (args) => choose(async () => (await import('./runbook-command.ts')).runRunbook(args, io)),
      )
      .command(
        'agent',
        'The daemon: looks again and again, remembers, and tells every change once',
        (y) =>
          y.options({
            config: {
              type: 'string',
              demandOption: true,
              requiresArg: true,
              describe: 'The configuration, a JSON file',
            },
            'check-config': {
              type: 'boolean',
              default: false,
              describe: 'Only validate it, and say everything that is wrong',
            },
          }),
        (args) => choose(async () => (await import('../agent/run-agent.ts')).runAgent(args, io)),
      )
      .demandCommand(1, 'Give a command.')
      .strict()
      .recommendCommands()
      // An option is spelled as in --help: no `--no-root`, no `--root.x`. A handle is a text, also
      // `1e5`.
      .parserConfiguration({
        'parse-positional-numbers': false,
        'duplicate-arguments-array': false,
        'boolean-negation': false,
        'dot-notation': false,
      })
      .locale('en')
      .middleware((args) => {
        const [command, ...rest] = args._;
        if (rest.length > 0 && command !== 'explain')
          throw usage(`Unknown argument: ${rest.join(' ')}`);
        refuseSwitchWithValue(typed, args, usage);
      })
      .version(VERSION)
      .alias('help', 'h')
      .wrap(Math.min(100, io.columns))
      .exitProcess(false)
      .fail((message, error) => {
        throw error instanceof KnownFailure ? error : usage(message ?? error.message);
      })
  );
}

/** Of all commands: an option of another one is a likely mistake, too. */
const optionNames = (): readonly string[] => [
  ...new Set(
    [CELL, CAPTURE, HTML_TOO, ALL, MOUNTS, SENSORS, AGENT].flatMap((options) =>
      Object.keys(options),
    ),
  ),
  'watch',
  'config',
  'check-config',
  'for',
  'keep',
  'help',
  'version',
];

/**
 * On a cell the demo would start containers beside those of apps; `npm run rollcall -- demo` never
 * gets here.
 */
const noDemoHere = (): KnownFailure =>
  new KnownFailure(
    'DEMO_ELSEWHERE',
    'The demo runs from a clone of rollcall, never on a cell: as root on a Linux machine of your own, npm run demo.',
  );

/** yargs takes `--watch=1` and `--check-config=yes` for "no". */
function refuseSwitchWithValue(
  typed: readonly string[],
  args: Readonly<Record<string, unknown>>,
  usage: (message: string) => KnownFailure,
): void {
  const end = typed.indexOf('--');
  for (const word of end < 0 ? typed : typed.slice(0, end)) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (typeof args[name] === 'boolean' && value !== 'true' && value !== 'false')
      throw usage(`--${name} is a switch and takes no value`);
  }
}

/**
 * Handles are free text: one that begins with a dash is typed after `--`, and yargs leaves it among
 * the rest.
 */
function theHandle(
  args: { readonly handle: string | undefined; readonly _: readonly (string | number)[] },
  usage: (message: string) => KnownFailure,
): string {
  const [, ...rest] = args._;
  const [handle, ...more] = args.handle === undefined ? rest : [args.handle, ...rest];
  if (handle === undefined) throw usage('explain needs the handle of a container');
  if (more.length > 0) throw usage(`explain takes one handle, not also ${more.join(' ')}`);
  return String(handle);
}

/**
 * The command that was typed. It is thrown, because after a handler returns yargs lays out the help
 * of its command in case the command fails: a fifth of the CPU time of a check.
 */
class Chosen extends Error {
  readonly run: () => Promise<number>;

  constructor(run: () => Promise<number>) {
    super('a command was chosen');
    this.run = run;
  }
}

function choose(run: () => Promise<number>): never {
  throw new Chosen(run);
}

/** Null: yargs has answered itself, `--help` or `--version`. */
async function chosenCommand(
  typed: readonly string[],
  io: Io,
): Promise<(() => Promise<number>) | null> {
  try {
    const args = await commands(typed, io).parseAsync();
    if (args['help'] === true || args['version'] === true || typed[0] === 'help') return null;
  } catch (thrown) {
    if (thrown instanceof Chosen) return thrown.run;
    throw thrown;
  }
  // `rollcall -- check` chooses nothing, which must not look like "all tracked".
  throw usageError('Give a command', typed, []);
}
