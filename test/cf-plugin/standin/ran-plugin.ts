import { mock } from 'node:test';
import type { CliConnection } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { runRollcallStatus } from '../../../src/cf-plugin/command/rollcall-status.ts';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import type { Io } from '../../../src/terminal/io.ts';
import { keptStreams } from '../../kept-streams.ts';
import { withHeldDeadlines } from './held-deadlines.ts';
import { startStandIn, type StandIn, type StandInOptions } from './foundation.ts';

/** A token of a user with these scopes, as far as the plugin reads it. */
export const tokenWith = (...scope: readonly string[]): string =>
  `bearer x.${Buffer.from(JSON.stringify({ scope })).toString('base64url')}.x`;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly standIn: StandIn;
}

export interface RanOptions {
  readonly cf?: Partial<CliConnection>;
  readonly io?: Partial<Io>;
}

/** `cf rollcall-status ARGS` against a stand-in, from what is typed to what is written. */
export async function ranPlugin(
  foundation: StandInOptions,
  typed: readonly string[] = [],
  options: RanOptions = {},
): Promise<Ran> {
  const standIn = await startStandIn(foundation);
  const { written, ...streams } = keptStreams();
  const io: Io = {
    ...streams,
    isTty: false,
    columns: 80,
    env: {},
    ...options.io,
  };
  // A cf that somebody has logged in with.
  const cf: CliConnection = {
    isLoggedIn: () => Promise.resolve(true),
    hasApiEndpoint: () => Promise.resolve(true),
    apiEndpoint: () => Promise.resolve(standIn.origin),
    accessToken: () => Promise.resolve('bearer token-1'),
    // To load all certificates of the machine takes a third of a run, and HTTP needs none.
    isSslDisabled: () => Promise.resolve(foundation.tls === undefined),
    isMinCliVersion: () => Promise.resolve(true),
    setPluginMetadata: () => Promise.resolve(true),
    close: () => undefined,
    ...options.cf,
  };
  // Ages count from the clock of the stand-in; the time that a test takes must not add to them.
  const clock = mock.method(performance, 'now', () => 0);
  try {
    // A cell of which only a part was read before the deadline would be `unknown`.
    const code = await withHeldDeadlines(() =>
      runRollcallStatus(['--timeout=60', ...typed], { connect: () => Promise.resolve(cf), io }),
    );
    return { code, ...written, standIn };
  } finally {
    clock.mock.restore();
    await standIn.close();
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
