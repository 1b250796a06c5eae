import process from 'node:process';
import { KnownFailure } from '../../model/failure.ts';
import { colors } from '../../present/color.ts';
import { jsonText } from '../../present/json-text.ts';
import { handleOutputErrors, type Io } from '../../terminal/io.ts';
import { cfTarget, connectToCli, type CliConnection } from '../cf/cli-connection.ts';
import { findFoundation } from '../cloud-controller/foundation.ts';
import { askAboutApps, explained } from '../cloud-controller/apps.ts';
import { appStatus } from '../cloud-controller/app-view.ts';
import { foundationStatus, type FoundationStatus } from '../foundation/foundation-status.ts';
import { notKeptNote } from '../foundation/notes.ts';
import { worstFindingFirst } from '../foundation/order.ts';
import { blindSensors, statusTable } from '../foundation/status-table.ts';
import { closeClient, openClient, within, type HttpClient } from '../http/client.ts';
import { askLogCache } from '../log-cache/ask.ts';
import { cellsFile } from '../remembered/cells-file.ts';
import { claimsOf } from '../cf/token.ts';
import { unheardFailure } from './failures.ts';
import * as plugin from './io.ts';
import { failureForm, readArguments, type StatusArguments, type View } from '../cf/options.ts';

/** For the names and Diego's answers; the rest does not wait longer for them. */
const EXPLAIN_MILLISECONDS = 3_000;

export interface Surroundings {
  /** Connects to the cf that started the plugin. */
  readonly connect: () => Promise<CliConnection>;
  readonly io: Io;
}

/** Runs `cf rollcall-status` and returns its exit code. `port`: where cf serves its plugins. */
export function runAsCommand(port: number, typed: readonly string[]): Promise<number> {
  handleOutputErrors(process, false);
  return runRollcallStatus(typed, { connect: () => connectToCli(port), io: plugin.pluginIo() });
}

/**
 * Shows the state of all cells, from Log Cache. Exits with 0 if every container of every cell is
 * tracked; with --app, every running instance of it; with --sensors, if nothing is listed and all is
 * known. Otherwise with 1. Every failure, including wrong arguments, is reported in the requested
 * form.
 */
export async function runRollcallStatus(
  typed: readonly string[],
  { connect, io }: Surroundings,
): Promise<number> {
  let api: string | null = null;
  try {
    const args = readArguments(typed);
    const cf = await connect();
    const target = await cfTarget(cf).finally(cf.close);
    api = target.endpoint;
    const { skipsVerification } = target;
    const client = openClient({ skipsVerification, env: io.env, trace: plugin.traceOf(io) });
    const timed = within(client, args.timeoutSeconds * 1000, `--timeout ${args.timeoutSeconds}`);
    const asking = askedStatus(args, timed, { ...target, env: io.env });
    const status = await asking.finally(() => closeClient(client));
    if (args.output === 'json') {
      io.stdout(`${jsonText(status, 2)}\n`);
    } else {
      const table = statusTable(status, {
        colors: colors(plugin.wantsCfColor(io)),
        room: io.isTty ? io.columns : Infinity,
        view: args.view,
        isWide: args.isWide,
      });
      io.stdout(table);
    }
    return isGood(status, args.view) ? 0 : plugin.EXIT_CF_FAILED;
  } catch (error) {
    return plugin.reportFailure(error, { form: failureForm(typed), api }, io);
  }
}

/** Whether there is nothing to do in what is shown. */
function isGood(status: FoundationStatus, view: View): boolean {
  return view === 'sensors'
    ? status.complete && blindSensors(status.cells).length === 0
    : status.verdict === 'all-tracked';
}

interface Asked {
  readonly endpoint: string;
  readonly token: string;
  readonly env: Io['env'];
}

async function askedStatus(
  args: StatusArguments,
  client: HttpClient,
  { endpoint, token, env }: Asked,
): Promise<FoundationStatus> {
  const foundation = await findFoundation(client, endpoint);
  const api = foundation.api.origin;
  const file = cellsFile(env, { api, user: claimsOf(token).sub });
  const earlier = file.read();
  const server = { client, url: foundation.logCache, token };
  const readings = await askLogCache(server, foundation.now, {
    known: earlier.cells,
    isWide: args.isWide,
  });
  const isSilent = readings.samples.length === 0 && readings.reps.length === 0;
  const unheard = unheardFailure(args.selection, readings, foundation);
  if (isSilent && args.app === null) throw unheard;
  const { status: found, remembered } = foundationStatus(readings, { ...args, api }, earlier);
  const notKept = isSilent ? null : file.write(remembered);
  if (notKept !== null && args.forget !== null) {
    throw new KnownFailure('NOT_FORGOTTEN', `Nothing is forgotten, because ${notKept}.`);
  }
  const status =
    notKept === null ? found : { ...found, notes: [...found.notes, notKeptNote(notKept)] };
  const isEmpty = isSilent || (status.summary.cells === 0 && args.forget === null);
  if (args.app !== null) {
    const { cloudController: url } = foundation;
    if (url === null) throw new KnownFailure('CF_API', 'The API names no Cloud Controller.');
    const answers = await askAboutApps({ client, url, token }, [{ names: args.app.app }]);
    return appStatus(status, answers, args.app, isEmpty ? unheard.message : null);
  }
  if (isEmpty) throw unheard;
  const { untracked, missing } = await explained(
    within(client, EXPLAIN_MILLISECONDS, `${EXPLAIN_MILLISECONDS / 1000} s`),
    foundation.cloudController,
    token,
    status.untracked,
  );
  return {
    ...status,
    untracked: untracked.toSorted(worstFindingFirst),
    notes: missing === null ? status.notes : [...status.notes, missing],
  };
}
