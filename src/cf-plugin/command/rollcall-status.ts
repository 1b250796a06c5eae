import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { colors } from '../../present/color.ts';
import { jsonText } from '../../present/json-text.ts';
import { findFoundation, type Foundation } from '../capi/api-root.ts';
import { appNames } from '../capi/app-names.ts';
import { foundationStatus } from '../foundation/foundation-status.ts';
import type { FoundationStatus } from '../foundation/status.ts';
import { trustedAuthorities } from '../http/trusted-authorities.ts';
import { closeWeb, openWeb, type Web } from '../http/web.ts';
import { askLogCache } from '../log-cache/ask.ts';
import { logCacheFailure } from '../log-cache/refused.ts';
import type { CliConnection } from '../rpc/cli-connection.ts';
import { statusTable } from '../view/status-table.ts';
import { cfTarget, freshToken } from './cf-target.ts';
import { EXIT_FAILED } from './failed.ts';
import { wantsColor, type Io } from './io.ts';
import type { StatusArguments } from './options.ts';
import { showingProgress } from './progress.ts';
import { watchStatus, type Pause } from './watch-status.ts';

export interface Surroundings {
  readonly cf: CliConnection;
  readonly io: Io;
  /** Ends --watch. */
  readonly stop: AbortSignal;
  /** Between two rounds of --watch; it ends early when `stop` comes. */
  readonly pause: Pause;
  /** For servers that never end. */
  readonly timeoutMilliseconds?: number;
}

/**
 * The state of all cells, from Log Cache. Exits 0 when every container of every cell is tracked, 1 otherwise.
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
      colors: colors(wantsColor(io)),
      columns: io.isTty ? io.columns : Infinity,
    });
  try {
    if (args.watch) {
      const { pause, stop } = surroundings;
      return await watchStatus({ ask, draw, output: args.output, pause, stop }, io);
    }
    const status = await ask();
    io.stdout(args.output === 'json' ? `${jsonText(status, 2)}\n` : draw(status));
    return exitCodeOf(status);
  } finally {
    closeWeb(web);
  }
}

const exitCodeOf = ({ verdict }: FoundationStatus): number =>
  verdict === 'all-tracked' ? 0 : EXIT_FAILED;

async function askedStatus(
  args: StatusArguments,
  web: Web,
  foundation: Foundation,
  token: string,
): Promise<FoundationStatus> {
  const { api, logCache, cloudController } = foundation;
  const answer = await askLogCache(web, logCache, token);
  if (!answer.ok) throw logCacheFailure(foundation, answer.trouble);
  const readings = answer.value;
  const status = foundationStatus(readings, {
    api: api.origin,
    selection: { cell: args.cell, deployment: args.deployment, untrackedOnly: args.untracked },
    expectedCells: args.expectCells,
  });
  if (status.summary.cells === 0) {
    const [first] = readings.failed;
    throw first === undefined ? nothing(args) : logCacheFailure(foundation, first.trouble);
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

function nothing({ cell, deployment }: StatusArguments): KnownFailure {
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
