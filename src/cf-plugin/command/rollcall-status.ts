import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { colors } from '../../present/color.ts';
import { jsonText } from '../../present/json-text.ts';
import { appNames, findFoundation, type Foundation } from '../capi.ts';
import { foundationStatus } from '../foundation/foundation-status.ts';
import { statusTable } from '../foundation/status-table.ts';
import type { FoundationStatus } from '../foundation/status.ts';
import { trustedAuthorities } from '../http/trusted-authorities.ts';
import { closeWeb, openWeb, type Web } from '../http/web.ts';
import { askLogCache, logCacheFailure } from '../log-cache/ask.ts';
import { connectToCli, type CliConnection } from '../cf/cli-connection.ts';
import { cfTarget, freshToken } from './cf-target.ts';
import {
  EXIT_CF_FAILED,
  pluginIo,
  reportFailure,
  showingProgress,
  wantsCfColor,
  type PluginIo,
} from './io.ts';
import { failureForm, readArguments, type StatusArguments } from './options.ts';
import { watchStatus, type Pause } from './watch-status.ts';

/** prom_scraper has no new samples in less. */
const PAUSE_MILLISECONDS = 15_000;

/** Runs `cf rollcall-status` to its exit code. `port`: where cf serves its plugins. */
export function runAsCommand(port: number, typed: readonly string[]): Promise<number> {
  const io = pluginIo();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  // A reader that stops reading (`| head`) is not an error, and ends --watch.
  process.stdout.on('error', stop);
  process.stderr.on('error', stop);
  return withArguments(typed, io, async (args) => {
    if (args.watch) process.once('SIGINT', stop).once('SIGTERM', stop);
    const cf = await connectToCli(port);
    try {
      const pause = (signal: AbortSignal): Promise<void> =>
        sleep(PAUSE_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      return await runRollcallStatus(args, { cf, io, stop: stopping.signal, pause });
    } finally {
      cf.close();
    }
  });
}

/** Runs the command. A failure, also of parsing, is reported in the requested form. */
export async function withArguments(
  typed: readonly string[],
  io: PluginIo,
  run: (args: StatusArguments) => Promise<number>,
): Promise<number> {
  try {
    return await run(readArguments(typed));
  } catch (error) {
    return reportFailure(error, failureForm(typed), io);
  }
}

export interface Surroundings {
  readonly cf: CliConnection;
  readonly io: PluginIo;
  /** Ends --watch. */
  readonly stop: AbortSignal;
  /** Waits between two rounds of --watch, and ends early on `stop`. */
  readonly pause: Pause;
  /** Of each request; left out: 12 s. */
  readonly timeoutMilliseconds?: number;
}

/**
 * Shows the state of all cells, from Log Cache. Exits with 0 where every container of every cell is
 * tracked, else with 1.
 * @throws KnownFailure
 */
export async function runRollcallStatus(
  args: StatusArguments,
  surroundings: Surroundings,
): Promise<number> {
  const { cf, io, timeoutMilliseconds } = surroundings;
  const target = await cfTarget(cf);
  const web = openWeb({
    skipsVerification: target.skipsVerification,
    authorities: target.skipsVerification ? null : trustedAuthorities(io.env),
    ...(timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds }),
  });
  const waiting = `Getting the state of the cells as ${oneLine(target.username, 60)}...`;
  let foundation: Foundation | null = null;
  const ask = (): Promise<FoundationStatus> =>
    showingProgress(waiting, io, async () => {
      const token = await freshToken(cf);
      foundation ??= await findFoundation(web, target.endpoint);
      return askedStatus(args, web, foundation, token);
    });
  const draw = (status: FoundationStatus): string =>
    statusTable(status, {
      colors: colors(wantsCfColor(io)),
      columns: io.isTty ? io.columns : Infinity,
    });
  try {
    if (args.watch) {
      const { pause, stop } = surroundings;
      return await watchStatus({ ask, draw, output: args.output, pause, stop }, io);
    }
    const status = await ask();
    io.stdout(args.output === 'json' ? `${jsonText(status, 2)}\n` : draw(status));
    return status.verdict === 'all-tracked' ? 0 : EXIT_CF_FAILED;
  } finally {
    closeWeb(web);
  }
}

async function askedStatus(
  args: StatusArguments,
  web: Web,
  foundation: Foundation,
  token: string,
): Promise<FoundationStatus> {
  const { api, logCache, cloudController } = foundation;
  const answer = await askLogCache(web, logCache, token);
  if (!answer.ok) throw logCacheFailure(foundation, answer.error);
  const readings = answer.value;
  const status = foundationStatus(readings, {
    api: api.origin,
    selection: { cell: args.cell, deployment: args.deployment, untrackedOnly: args.untracked },
    expectedCells: args.expectCells,
  });
  if (status.summary.cells === 0) {
    const [first] = readings.failed;
    throw first === undefined ? noCellFailure(args) : logCacheFailure(foundation, first.error);
  }
  const ids = status.untracked.flatMap(({ app }) => (app === null ? [] : [app.id]));
  const { names, missing } = await appNames(web, cloudController, token, ids);
  return {
    ...status,
    untracked: status.untracked.map((one) =>
      one.app === null ? one : { ...one, app: { ...one.app, ...names.get(one.app.id) } },
    ),
    notes: missing === null ? status.notes : [...status.notes, missing],
  };
}

function noCellFailure({ cell, deployment }: StatusArguments): KnownFailure {
  if (cell === null && deployment === null) {
    return new KnownFailure(
      'NOTHING_REPORTED',
      'No cell has reported to Log Cache. Install the rollcall release on the Diego cells as an add-on (bosh update-runtime-config, then bosh deploy), and ask again a minute after. If it is installed, look whether prom_scraper runs on the cells.',
    );
  }
  const where = [
    ...(cell === null ? [] : [`cell ${oneLine(cell, 80)}`]),
    ...(deployment === null ? [] : [`deployment ${oneLine(deployment, 80)}`]),
  ].join(' in ');
  return new KnownFailure(
    'CELL_NOT_FOUND',
    `Log Cache knows no ${where}: cf rollcall-status lists all cells that it knows.`,
  );
}
