import { KnownFailure } from '../model/failure.ts';
import { EXIT_FAILED } from '../terminal/failing.ts';
import type { Io } from '../terminal/io.ts';
import { VERSION } from '../terminal/version.ts';
import { checkValues, pointingToHelp, readTyped, type Typed } from './arguments.ts';
import type { Arguments, CommandName } from './command-table.ts';

/**
 * Runs the command that was typed.
 * @throws KnownFailure
 */
export async function rollcall(typed: readonly string[], io: Io): Promise<number> {
  const run = chosenCommand(typed.length === 0 ? ['--help'] : typed, io);
  const code = await run();
  // Exit 0 would look like "all tracked" to a script whose command came out empty.
  return typed.length === 0 ? EXIT_FAILED : code;
}

/** @throws KnownFailure USAGE */
export function chosenCommand(typed: readonly string[], io: Io): () => Promise<number> {
  const { name, wants, values } = readTyped(typed);
  if (wants === 'command' && name !== null)
    return prepared<CommandName>(name, BODIES[name], { values, io });
  return async () => {
    const { helpText } = await import('./help.ts');
    io.stdout(wants === 'version' ? `${VERSION}\n` : helpText(name, io.columns));
    return 0;
  };
}

function prepared<Name extends CommandName>(
  name: Name,
  load: Bodies[Name],
  { values, io }: Pick<Typed, 'values'> & { readonly io: Io },
): () => Promise<number> {
  checkValues(name, values);
  return async () => {
    try {
      const run = await load();
      return await run(values, io);
    } catch (error) {
      throw pointingToHelp(error, name);
    }
  };
}

type Bodies = {
  readonly [Name in CommandName]: () => Promise<
    (args: Arguments<Name>, io: Io) => Promise<number> | number
  >;
};

/** Imported only when they run, so that a command loads only what it needs. */
const BODIES: Bodies = {
  check: async () => (await import('./check-command.ts')).runCheck,
  mounts: async () => (await import('./mounts-command.ts')).runMounts,
  explain: async () => (await import('./explain-command.ts')).runExplain,
  capture: async () => (await import('./capture-command.ts')).runCapture,
  ledgers: async () => (await import('./ledgers-command.ts')).runLedgers,
  preflight: async () => (await import('./preflight-command.ts')).runPreflight,
  sensors: async () => (await import('./sensors-command.ts')).runSensors,
  // It would start containers beside those of apps. `npm run rollcall -- demo` never gets here.
  demo: () =>
    Promise.reject(
      new KnownFailure(
        'DEMO_ELSEWHERE',
        'The demo runs from a clone of rollcall, never on a cell: on a Linux machine of your own, run npm run demo as root.',
      ),
    ),
  status: async () => (await import('./status-command.ts')).runStatus,
  drill: async () => (await import('./drill-command.ts')).runDrill,
  ack: async () => (await import('./ack-command.ts')).runAck,
  runbook: async () => (await import('./runbook-command.ts')).runRunbook,
  completion: async () => (await import('./completion-command.ts')).runCompletion,
  events: async () => (await import('./events-command.ts')).runEvents,
  version: async () => (await import('./version-command.ts')).runVersion,
  agent: async () => (await import('../agent/run-agent.ts')).runAgent,
};
