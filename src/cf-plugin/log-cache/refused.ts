import { KnownFailure } from '../../model/failure.ts';
import { certificateAdvice } from '../http/certificate-advice.ts';
import { requestErrorText } from '../http/request-error-text.ts';
import type { RequestError } from '../http/request-error.ts';

const SCOPES =
  'The user needs the scope doppler.firehose or logs.admin (uaac member add doppler.firehose USER, then cf login again).';

/** The failure when Log Cache answered no query at all, from the first thing that went wrong. `api`: what cf is pointed at. */
export function logCacheFailure(
  { api, logCache }: { readonly api: URL; readonly logCache: URL },
  trouble: RequestError,
): KnownFailure {
  const said = `Log Cache ${logCache.origin} ${requestErrorText(trouble)}.`;
  switch (trouble.kind) {
    case 'certificate':
      return new KnownFailure('TLS_UNTRUSTED', `${said} ${certificateAdvice(api, trouble)}`);
    case 'status':
      // Log Cache hides what a user may not see: without the scope, or a valid token, it answers 404 and nothing else.
      // The same when it cannot ask the Cloud Controller about the user.
      if (trouble.status === 404 && trouble.said === '') {
        return new KnownFailure(
          'LOG_CACHE_SCOPE',
          `Log Cache shows this user nothing (an empty 404). ${SCOPES} If the user has it: log in again, and look whether the Cloud Controller works.`,
        );
      }
      if (trouble.status === 401 || trouble.status === 403) {
        return new KnownFailure('LOG_CACHE_SCOPE', `${said} ${SCOPES}`);
      }
      return new KnownFailure('LOG_CACHE_ANSWER', `${said} Look at the log of log-cache.`);
    case 'timeout':
    case 'unreachable':
      return new KnownFailure(
        'LOG_CACHE_UNREACHABLE',
        `${said} Look whether log-cache runs (bosh instances), and try again.`,
      );
    case 'cut-short':
    case 'too-large':
    case 'not-json':
    case 'wrong-shape':
      return new KnownFailure(
        'LOG_CACHE_ANSWER',
        `${said} Look whether something stands between here and log-cache.`,
      );
    default:
      return trouble satisfies never;
  }
}
