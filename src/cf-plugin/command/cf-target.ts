import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import type { CliConnection } from '../cf/cli-connection.ts';
import { CallRefused } from '../cf/rpc-client.ts';
import { LEAST_CF } from './options.ts';

/** The API that cf targets. */
export interface CfTarget {
  readonly endpoint: string;
  readonly skipsVerification: boolean;
  readonly username: string;
}

/**
 * Asks cf for its target and whether a user is logged in. The messages are cf's own.
 * @throws KnownFailure CF_TOO_OLD, CF_NO_API, CF_NOT_LOGGED_IN, and those of the connection
 */
export async function cfTarget(cf: CliConnection): Promise<CfTarget> {
  const least = `${LEAST_CF.major}.${LEAST_CF.minor}.${LEAST_CF.build}`;
  if (!(await cf.isMinCliVersion(least))) {
    throw new KnownFailure('CF_TOO_OLD', `This needs cf ${least} or newer.`);
  }
  if (!(await cf.hasApiEndpoint())) {
    throw new KnownFailure(
      'CF_NO_API',
      "No API endpoint set. Use 'cf login' or 'cf api' to target an endpoint.",
    );
  }
  if (!(await cf.isLoggedIn())) throw notLoggedIn();
  return {
    endpoint: await cf.apiEndpoint(),
    skipsVerification: await cf.isSslDisabled(),
    username: await cf.username(),
  };
}

const notLoggedIn = (): KnownFailure =>
  new KnownFailure(
    'CF_NOT_LOGGED_IN',
    "Not logged in. Use 'cf login' or 'cf login --sso' to log in.",
  );

/**
 * A token that lasts at least a minute, with its "bearer ".
 * @throws KnownFailure CF_NOT_LOGGED_IN, and those of the connection
 */
export async function freshToken(cf: CliConnection): Promise<string> {
  let token: string;
  try {
    token = await cf.accessToken();
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
    throw new KnownFailure(
      'CF_NOT_LOGGED_IN',
      `cf has no token: ${oneLine(error.said, 200)}. Use 'cf login' to log in again.`,
      { cause: error },
    );
  }
  // It becomes a header, which has printable ASCII only.
  if (!/^[\x21-\x7e]+ [\x21-\x7e]+$/.test(token)) throw notLoggedIn();
  return token;
}
