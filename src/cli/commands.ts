import yargs, { type ArgumentsCamelCase, type Argv, type InferredOptionTypes } from 'yargs';
import { KnownFailure } from '../model/failure.ts';
import type { Io } from '../terminal/io.ts';
import { EXIT_FAILED } from '../terminal/failing.ts';
import { VERSION } from '../terminal/version.ts';
import { pointingToHelp, usageError } from './usage.ts';
import { COMMANDS, isCommandName, type CommandName, type CommandRow } from './command-table.ts';

/**
 * Runs the command that was typed. Imports its body only when it runs, so that a command loads only
 * what it needs.
 * @throws KnownFailure
 */
export async function rollcall(typed: readonly string[], io: Io): Promise<number> {
  if (typed.length === 0) {
    // Exit 0 would look like "all tracked" to a script whose command came out empty.
    io.stdout(`${await commands([], io).getHelp()}\n`);
    return EXIT_FAILED;
  }
  const run = await chosenCommand(typed, io);
  if (run === null) return 0;
  try {
    return await run();
  } catch (error) {
    throw pointingToHelp(error, typed.find(isCommandName) ?? '');
  }
}

function commands(typed: readonly string[], io: Io): Argv {
  const usage = (message: string): KnownFailure =>
    usageError(message, typed, optionNames(typed[0] ?? ''));
  const parser = yargs([...typed])
    .scriptName('rollcall')
    .usage(
      '$0 COMMAND\n\nCompares the containers that run on a Diego cell with those that Garden lists.',
    );
  addCommands(parser, io, usage);
  return (
    parser
      .demandCommand(1, 'Give a command.')
      .strict()
      .recommendCommands()
      // Options are spelled as in --help (no `--no-root`, no `--root.x`), and a handle is a text,
      // even `1e5`.
      .parserConfiguration({
        'parse-positional-numbers': false,
        'duplicate-arguments-array': false,
        'boolean-negation': false,
        'dot-notation': false,
      })
      .locale('en')
      .middleware((args) => {
        const [command, ...rest] = args._;
        if (rest.length > 0 && !TAKES_HANDLE.has(command ?? ''))
          throw usage(`Unknown argument: ${rest.join(' ')}`);
        refuseSwitchWithValue(typed, args, usage);
        if (args['json'] === true) {
          if (typesFormat(typed))
            throw usage('--json is the same as --format json (-o json): give only one of them.');
          args['format'] = 'json';
        }
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

function addCommands(parser: Argv, io: Io, usage: (message: string) => KnownFailure): void {
  addPlain(parser, 'check', COMMANDS.check, async (args) =>
    (await import('./check-command.ts')).runCheck(args, io),
  );
  addPlain(parser, 'mounts', COMMANDS.mounts, async (args) =>
    (await import('./mounts-command.ts')).runMounts(args, io),
  );
  addWithArgument(parser, 'explain', COMMANDS.explain, async (args) => {
    const handle = typedHandle(args, usage);
    if (handle === undefined) throw usage('explain needs the handle of a container');
    return (await import('./explain-command.ts')).runExplain({ ...args, handle }, io);
  });
  addWithArgument(parser, 'capture', COMMANDS.capture, async (args) =>
    (await import('./capture-command.ts')).runCapture(args, io),
  );
  addPlain(parser, 'preflight', COMMANDS.preflight, async (args) =>
    (await import('./preflight-command.ts')).runPreflight(args, io),
  );
  addPlain(parser, 'sensors', COMMANDS.sensors, async (args) =>
    (await import('./sensors-command.ts')).runSensors(args, io),
  );
  addWithArgument(parser, 'ledgers', COMMANDS.ledgers, async (args) => {
    const handle = typedHandle(args, usage);
    return (await import('./ledgers-command.ts')).runLedgers({ ...args, handle }, io);
  });
  addPlain(parser, 'demo', COMMANDS.demo, () => Promise.reject(noDemoHere()));
  addPlain(parser, 'status', COMMANDS.status, async (args) =>
    (await import('./status-command.ts')).runStatus(args, io),
  );
  addPlain(parser, 'drill', COMMANDS.drill, async (args) =>
    (await import('./drill-command.ts')).runDrill(args, io),
  );
  addWithArgument(parser, 'ack', COMMANDS.ack, async (args) => {
    const handle = typedHandle(args, usage);
    return (await import('./ack-command.ts')).runAck({ ...args, handle }, io);
  });
  addWithArgument(parser, 'runbook', COMMANDS.runbook, async (args) =>
    (await import('./runbook-command.ts')).runRunbook(args, io),
  );
  addWithArgument(parser, 'completion', COMMANDS.completion, async ({ shell }) =>
    (await import('./completion-command.ts')).runCompletion(shell, io),
  );
  addWithArgument(parser, 'events', COMMANDS.events, async (args) => {
    const handle = typedHandle(args, usage);
    return (await import('./events-command.ts')).runEvents({ ...args, handle }, io);
  });
  addPlain(parser, 'version', COMMANDS.version, async (args) =>
    (await import('./version-command.ts')).runVersion(args, io),
  );
  addPlain(parser, 'agent', COMMANDS.agent, async (args) => {
    const { runAgent } = await import('../agent/run-agent.ts');
    return runAgent({ ...args, checkConfig: args.checkConfig === true }, io);
  });
}

type Rows = CommandRow['options'];

interface TypedRow<O extends Rows> extends CommandRow {
  readonly options: O;
}

interface TypedRowWithArgument<O extends Rows, P extends string> extends TypedRow<O> {
  readonly positional: NonNullable<CommandRow['positional']> & { readonly name: P };
}

/** As yargs infers them; `T` has what was there before the options. */
type Typed<O extends Rows, T = object> = ArgumentsCamelCase<
  Omit<T, keyof O> & InferredOptionTypes<O>
>;

function addPlain<O extends Rows>(
  parser: Argv,
  name: CommandName,
  { does, options, examples }: TypedRow<O>,
  run: (args: Typed<O>) => Promise<number>,
): void {
  parser.command(
    name,
    does,
    (y: Argv<object>) => y.options(options).example(typedExamples(examples)),
    (args) => choose(() => run(args)),
  );
}

function addWithArgument<O extends Rows, P extends string>(
  parser: Argv,
  name: CommandName,
  { does, positional, options, examples }: TypedRowWithArgument<O, P>,
  run: (args: Typed<O, Omit<object, P> & { [key in P]: string | undefined }>) => Promise<number>,
): void {
  const argument = { ...positional, type: 'string' } as const;
  parser.command(
    `${name} [${positional.name}]`,
    does,
    (y: Argv<object>) =>
      y.positional(positional.name, argument).options(options).example(typedExamples(examples)),
    (args) => choose(() => run(args)),
  );
}

const typedExamples = (examples: CommandRow['examples']): [string, string][] =>
  examples.map(([typed, does]) => [`$0 ${typed}`, does]);

/** The options to suggest for a misspelt one: this command refuses those of others. */
const optionNames = (command: string): readonly string[] => [
  ...(isCommandName(command) ? Object.keys(COMMANDS[command].options) : []),
  'help',
  'version',
];

/** It would start containers beside those of apps. `npm run rollcall -- demo` never gets here. */
const noDemoHere = (): KnownFailure =>
  new KnownFailure(
    'DEMO_ELSEWHERE',
    'The demo runs from a clone of rollcall, never on a cell: on a Linux machine of your own, run npm run demo as root.',
  );

const optionsOf = (typed: readonly string[]): readonly string[] => {
  const end = typed.indexOf('--');
  return end < 0 ? typed : typed.slice(0, end);
};

/** yargs would take `--watch=1` and `--check-config=yes` for "no". */
function refuseSwitchWithValue(
  typed: readonly string[],
  args: Readonly<Record<string, unknown>>,
  usage: (message: string) => KnownFailure,
): void {
  for (const word of optionsOf(typed)) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (typeof args[name] === 'boolean' && value !== 'true' && value !== 'false')
      throw usage(`--${name} takes no value`);
  }
}

/** Its default looks as if it had been typed. */
const typesFormat = (typed: readonly string[]): boolean =>
  optionsOf(typed).some((word) => /^(?:--format|-o.*)(?:=|$)/.test(word));

const TAKES_HANDLE: ReadonlySet<string | number> = new Set(['explain', 'ledgers', 'ack', 'events']);

/** Handles are free text: yargs does not assign one with a dash, typed after `--`, to `handle`. */
function typedHandle(
  args: { readonly handle: string | undefined; readonly _: readonly (string | number)[] },
  usage: (message: string) => KnownFailure,
): string | undefined {
  const [command, ...rest] = args._;
  const [handle, ...more] = args.handle === undefined ? rest : [args.handle, ...rest];
  if (more.length > 0)
    throw usage(`${command} takes only one handle; unexpected: ${more.join(' ')}`);
  return handle === undefined ? undefined : String(handle);
}

/**
 * The command that was typed. It is thrown because yargs, after a handler returns, lays out the
 * help of its command in case the command fails: a fifth of the CPU time of a check.
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

/**
 * Null if yargs itself has answered, for `--help` or `--version`.
 * @throws KnownFailure USAGE
 */
export async function chosenCommand(
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
