import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { certificateAdvice, type RequestError } from '../http/client.ts';
import type { StatusArguments } from '../cf/options.ts';
import type { Readings } from '../log-cache/ask.ts';

const SCOPES =
  'The user needs the scope doppler.firehose or logs.admin (uaac member add doppler.firehose USER, then cf login again).';

/** The failure if there is no cell to show, because no request was answered or none has one. */
export function unheardFailure(
  selection: StatusArguments['selection'],
  readings: Readings,
  foundation: { readonly api: URL; readonly logCache: URL },
): KnownFailure {
  const error = readings.errors[0]?.error;
  return error === undefined
    ? nothingFailure(selection, readings)
    : logCacheFailure(foundation, error);
}

/** The failure if no request was answered. `api`: the API that cf targets. */
function logCacheFailure(
  { api, logCache }: { readonly api: URL; readonly logCache: URL },
  error: RequestError,
): KnownFailure {
  const said = `Log Cache ${logCache.origin} ${error.text}.`;
  if (error.kind === 'certificate') {
    return new KnownFailure('TLS_UNTRUSTED', `${said} ${certificateAdvice(api, error.code)}`);
  }
  if (error.kind === 'timeout' || error.kind === 'unreachable') {
    const advice = 'Check that log-cache runs (bosh instances), and try again.';
    return new KnownFailure('LOG_CACHE_UNREACHABLE', `${said} ${advice}`);
  }
  if (error.kind !== 'status') {
    const advice = 'Check for a proxy between here and log-cache.';
    return new KnownFailure('LOG_CACHE_ANSWER', `${said} ${advice}`);
  }
  // Log Cache answers with an empty 404 if the scope or a valid token is missing, and also if it
  // cannot ask the Cloud Controller about the user.
  if (error.status === 404 && error.said === '') {
    return new KnownFailure(
      'LOG_CACHE_SCOPE',
      `Log Cache shows this user nothing (an empty 404). ${SCOPES} If the user has it: log in again, and check that the Cloud Controller works.`,
    );
  }
  return error.status === 401 || error.status === 403
    ? new KnownFailure('LOG_CACHE_SCOPE', `${said} ${SCOPES}`)
    : new KnownFailure('LOG_CACHE_ANSWER', `${said} See the log of log-cache.`);
}

/** The failure if Log Cache answers, but has none of the requested cells. */
function nothingFailure(
  { cell, deployment }: StatusArguments['selection'],
  { samples, reps }: Readings,
): KnownFailure {
  if (samples.length === 0 && reps.length === 0) {
    return new KnownFailure(
      'NOTHING_REPORTED',
      'Log Cache knows no cell, not even from rep: it was restarted less than a minute ago, or one of its nodes is missing. Check bosh instances, and try again in a minute.',
    );
  }
  if (cell === null && deployment === null) {
    return new KnownFailure(
      'NOTHING_REPORTED',
      'No cell has reported to Log Cache. Install the rollcall release on the Diego cells as an add-on (bosh update-runtime-config, then bosh deploy), and try again a minute later. If it is installed, check that prom_scraper runs on the cells.',
    );
  }
  const named = [
    cell === null ? '' : `cell ${cell}`,
    deployment === null ? '' : `deployment ${deployment}`,
  ];
  const where = oneLine(named.filter((one) => one !== '').join(' in '), 160);
  return new KnownFailure(
    'CELL_NOT_FOUND',
    `Log Cache knows no ${where}: cf rollcall-status lists all known cells.`,
  );
}
