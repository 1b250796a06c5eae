import { mock } from 'node:test';
import type { CliConnection } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { runRollcallStatus } from '../../../src/cf-plugin/command/rollcall-status.ts';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import type { Io } from '../../../src/terminal/io.ts';
import { keptStreams } from '../../kept-streams.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { withStoppedDeadlines } from './stopped-deadlines.ts';
import { startStandIn, type StandIn, type StandInOptions } from './foundation.ts';
import { TOKEN } from './tokens.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly standIn: StandIn;
}

export interface RanOptions {
  readonly cf?: Partial<CliConnection>;
  readonly io?: Partial<Io>;
  /** CF_HOME, as of earlier runs; left out: a new one. */
  readonly home?: string;
}

/**
 * `cf rollcall-status ARGS` against a stand-in, from what is typed to what is written.
 * @param foundation one that runs already, or what one is started with
 */
export async function ranPlugin(
  foundation: StandIn | StandInOptions,
  typed: readonly string[] = [],
  options: RanOptions = {},
): Promise<Ran> {
  const isRunning = 'origin' in foundation;
  const standIn = isRunning ? foundation : await startStandIn(foundation);
  const { written, ...streams } = keptStreams();
  const io: Io = {
    ...streams,
    isTty: false,
    columns: 80,
    ...options.io,
    env: { CF_HOME: options.home ?? temporaryFolder(), ...options.io?.env },
  };
  // A cf that somebody has logged in with.
  const cf: CliConnection = {
    isLoggedIn: () => Promise.resolve(true),
    hasApiEndpoint: () => Promise.resolve(true),
    apiEndpoint: () => Promise.resolve(standIn.origin),
    accessToken: () => Promise.resolve(TOKEN),
    // To load all certificates of the machine takes a third of a run, and HTTP needs none.
    isSslDisabled: () => Promise.resolve(standIn.origin.startsWith('http:')),
    isMinCliVersion: () => Promise.resolve(true),
    setPluginMetadata: () => Promise.resolve(true),
    close: () => undefined,
    ...options.cf,
  };
  // Ages count from the clock of the stand-in; the time that a test takes must not add to them.
  const clock = mock.method(performance, 'now', () => 0);
  try {
    // A cell of which only a part was read before the deadline would be `unknown`.
    const code = await withStoppedDeadlines(() =>
      runRollcallStatus(['--timeout=60', ...typed], { connect: () => Promise.resolve(cf), io }),
    );
    return { code, ...written, standIn };
  } finally {
    clock.mock.restore();
    if (!isRunning) await standIn.close();
  }
}

/** What the JSON of `cf rollcall-status ARGS` says. */
export async function statusOf(
  foundation: StandInOptions,
  ...typed: readonly string[]
): Promise<FoundationStatus> {
  const { stdout } = await ranPlugin(foundation, ['--output', 'json', ...typed]);
  return JSON.parse(stdout) as FoundationStatus;
}
