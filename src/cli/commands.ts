import yargs, { type ArgumentsCamelCase, type Argv, type InferredOptionTypes } from 'yargs';
import { CodedFailure, KnownFailure } from '../model/failure.ts';
import { asTyped } from '../model/typed-as.ts';
import { typedAs, type Io } from '../terminal/io.ts';
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
    if (error instanceof CodedFailure) error.message = asTyped(error.message, typedAs(io));
    throw pointingToHelp(error, typed.find(isCommandName) ?? '');
  }
}

function commands(typed: readonly string[], io: Io): Argv {
  const usage: Usage = (message) => usageError(message, typed, optionNames(typed[0] ?? ''));
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

function addCommands(parser: Argv, io: Io, usage: Usage): void {
  /** `load` imports the body of the command. */
  const add = <O extends Rows>(
    name: CommandName,
    { does, positional, options, examples }: TypedRow<O>,
    load: () => Promise<(args: Typed<O>, io: Io) => Promise<number> | number>,
  ): void => {
    const isList = positional?.isList === true;
    parser.command(
      positional === undefined || isList ? name : `${name} [${positional.name}]`,
      does,
      (y: Argv<object>) => {
        const all = y.options(options).example(typedExamples(examples));
        if (positional === undefined) return all;
        if (isList) takeList(all.usage(`$0 ${name} [${positional.name}..]\n\n${does}`));
        return all.positional(positional.name, { ...positional, type: 'string' });
      },
      (args) =>
        choose(async () => {
          const run = await load();
          return run({ ...args, ...typedArgument(args, usage) }, io);
        }),
    );
  };
  add('status', COMMANDS.status, async () => (await import('./status-command.ts')).runStatus);
  add('check', COMMANDS.check, async () => (await import('./check-command.ts')).runCheck);
  add('explain', COMMANDS.explain, async () => {
    const { runExplain } = await import('./explain-command.ts');
    return ({ handle, ...args }) => {
      if (handle === undefined) throw usage('explain needs the handle of a container');
      return runExplain({ ...args, handle }, io);
    };
  });
  add('whose', COMMANDS.whose, async () => (await import('./whose-command.ts')).runWhose);
  add('runbook', COMMANDS.runbook, async () => (await import('./runbook-command.ts')).runRunbook);
  add('events', COMMANDS.events, async () => (await import('./events-command.ts')).runEvents);
  add('sensors', COMMANDS.sensors, async () => (await import('./sensors-command.ts')).runSensors);
  add('ledgers', COMMANDS.ledgers, async () => (await import('./ledgers-command.ts')).runLedgers);
  add(
    'preflight',
    COMMANDS.preflight,
    async () => (await import('./preflight-command.ts')).runPreflight,
  );
  add('mounts', COMMANDS.mounts, async () => (await import('./mounts-command.ts')).runMounts);
  add('capture', COMMANDS.capture, async () => (await import('./capture-command.ts')).runCapture);
  add('drill', COMMANDS.drill, async () => (await import('./drill-command.ts')).runDrill);
  add('version', COMMANDS.version, async () => (await import('./version-command.ts')).runVersion);
  add('agent', COMMANDS.agent, async () => {
    const { runAgent } = await import('../agent/run-agent.ts');
    return (args) => runAgent({ ...args, checkConfig: args.checkConfig === true }, io);
  });
  add('demo', COMMANDS.demo, () => Promise.reject(noDemoHere()));
}

/**
 * Leaves all words that are not options in `_`: a positional of yargs would keep only the last one,
 * as an option does, and never `-`.
 */
const takeList = (command: Argv): Argv => command.strict(false).strictOptions();

type Usage = (message: string) => KnownFailure;
type Rows = CommandRow['options'];
interface TypedRow<O extends Rows> extends CommandRow {
  readonly options: O;
}
type Argument = ReturnType<typeof typedArgument>;
/** As yargs infers them. */
type Typed<O extends Rows> = ArgumentsCamelCase<Omit<object, keyof O> & InferredOptionTypes<O>> &
  Argument;

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
  usage: Usage,
): void {
  for (const word of optionsOf(typed)) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (typeof args[name] === 'boolean' && value !== 'true' && value !== 'false')
      throw usage(`--${name} takes no value`);
  }
}

/** Whether a format was typed: yargs shows a default as if it had been. */
const typesFormat = (typed: readonly string[]): boolean =>
  optionsOf(typed).some((word) => /^(?:--format|-o.*)(?:=|$)/.test(word));

const TAKES_HANDLE: ReadonlySet<string | number> = new Set([
  'explain',
  'ledgers',
  'events',
  'whose',
]);

/**
 * The argument of the command. Handles are free text: yargs leaves one that begins with a dash, typed
 * after `--`, in `_`.
 * @throws KnownFailure USAGE
 */
function typedArgument({ _: [command, ...rest], ...args }: ArgumentsCamelCase, usage: Usage) {
  const text = (name: string): string | undefined => {
    const value = args[name];
    return typeof value === 'string' ? value : undefined;
  };
  const ids = [text('id') ?? [], rest].flat().map(String);
  if (command === 'whose') return { file: undefined, section: undefined, handle: undefined, ids };
  const typed = text('handle');
  const [handle, ...more] = typed === undefined ? rest : [typed, ...rest];
  if (more.length > 0)
    throw usage(`${command} takes only one handle; unexpected: ${more.join(' ')}`);
  return {
    file: text('file'),
    section: text('section'),
    handle: handle === undefined ? undefined : String(handle),
    ids,
  };
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
