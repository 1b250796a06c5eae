import type { PluginIo } from '../../../src/cf-plugin/command/io.ts';
import type { StatusArguments } from '../../../src/cf-plugin/command/options.ts';
import {
  runRollcallStatus,
  withArguments,
} from '../../../src/cf-plugin/command/rollcall-status.ts';
import type { CliConnection } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { keptStreams } from '../../kept-streams.ts';
import { startStandIn, type StandIn, type StandInOptions } from './foundation.ts';

/** A cf that somebody has logged in with; each token is a new one. */
function fakeCli(endpoint: string, change: Partial<CliConnection> = {}): CliConnection {
  let tokens = 0;
  const answers =
    <T>(value: T) =>
    () =>
      Promise.resolve(value);
  return {
    isLoggedIn: answers(true),
    hasApiEndpoint: answers(true),
    apiEndpoint: answers(endpoint),
    accessToken: () => {
      tokens += 1;
      return Promise.resolve(`bearer token-${tokens}`);
    },
    isSslDisabled: answers(false),
    username: answers('admin'),
    isMinCliVersion: answers(true),
    setPluginMetadata: answers(true),
    close: () => undefined,
    ...change,
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly standIn: StandIn;
}

export interface RanOptions {
  readonly cf?: Partial<CliConnection>;
  readonly io?: Partial<PluginIo>;
  /** How many rounds --watch has before Ctrl-C. */
  readonly rounds?: number;
  readonly timeoutMilliseconds?: number;
}

/** `cf rollcall-status ARGS` against a stand-in, from what is typed to what is written. */
export async function ranPlugin(
  foundation: StandInOptions,
  typed: readonly string[] = [],
  options: RanOptions = {},
): Promise<Ran> {
  const standIn = await startStandIn(foundation);
  const { written, ...streams } = keptStreams();
  const io: PluginIo = {
    ...streams,
    isTty: false,
    showsProgress: false,
    columns: 80,
    stderrColumns: 80,
    configuredColor: null,
    env: {},
    ...options.io,
  };
  const stopping = new AbortController();
  let rounds = 0;
  const pause = (): Promise<void> => {
    rounds += 1;
    if (rounds >= (options.rounds ?? 1)) stopping.abort();
    return Promise.resolve();
  };
  const run = (args: StatusArguments): Promise<number> =>
    runRollcallStatus(args, {
      cf: fakeCli(standIn.origin, options.cf),
      io,
      stop: stopping.signal,
      pause,
      // As long as a test may take: no machine is so slow that this is what fails.
      timeoutMilliseconds: options.timeoutMilliseconds ?? 60_000,
    });
  let code: number;
  try {
    code = await withArguments(typed, io, run);
  } finally {
    await standIn.close();
  }
  return { code, ...written, standIn };
}
