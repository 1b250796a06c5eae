import { KnownFailure, type FailureCode } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { CallRefused, type CliConnection } from '../cf/cli-connection.ts';
import { LEAST_CF } from '../cf/options.ts';

export interface CfTarget {
  readonly endpoint: string;
  readonly skipsVerification: boolean;
  /** Valid for at least a minute; includes the "bearer ". */
  readonly token: string;
}

/**
 * Gets the target and a token from cf. The messages are cf's own.
 * @throws KnownFailure CF_TOO_OLD, CF_NO_API, CF_NOT_LOGGED_IN, and those of the connection
 */
export async function cfTarget(cf: CliConnection): Promise<CfTarget> {
  const need = (is: boolean, code: FailureCode, message: string): void => {
    if (!is) throw new KnownFailure(code, message);
  };
  const least = LEAST_CF.join('.');
  need(await cf.isMinCliVersion(least), 'CF_TOO_OLD', `This needs cf ${least} or newer.`);
  const noApi = "No API endpoint set. Use 'cf login' or 'cf api' to target an endpoint.";
  need(await cf.hasApiEndpoint(), 'CF_NO_API', noApi);
  const login = "Use 'cf login' or 'cf login --sso' to log in.";
  need(await cf.isLoggedIn(), 'CF_NOT_LOGGED_IN', `Not logged in. ${login}`);
  const token = await cf.accessToken().catch((error: unknown) => {
    throw error instanceof CallRefused ? tokenFailure(error.said, login) : error;
  });
  // The token is sent as a header, and a header has only printable ASCII.
  const isToken = /^[\x21-\x7e]+ [\x21-\x7e]+$/.test(token);
  need(isToken, 'CF_NOT_LOGGED_IN', `Not logged in. ${login}`);
  return { endpoint: await cf.apiEndpoint(), skipsVerification: await cf.isSslDisabled(), token };
}

/** If a refresh is refused or fails, cf passes on the answer of UAA: a sentence, JSON or a page. */
function tokenFailure(said: string, login: string): KnownFailure {
  const isExpired = /expired|revoked|invalid.?(token|grant)|log back in|not logged in/i;
  const why = /\b50[0-9]\b/.exec(said)?.[0] ?? oneLine(said.replace(/\s*[<{].*$/s, ''), 100);
  return new KnownFailure(
    'CF_NOT_LOGGED_IN',
    isExpired.test(said)
      ? `The login has expired. ${login}`
      : `UAA gives cf no new token (${why}): try again in a minute, then run cf login.`,
  );
}
