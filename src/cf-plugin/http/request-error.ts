import { oneLine } from '../../model/text.ts';

export type RequestError =
  | { readonly kind: 'cut-short' | 'too-large' | 'not-json' }
  | { readonly kind: 'timeout'; readonly limit: string | null }
  /** There was no connection, or it broke too early. `code`: an errno, or a code of Node's TLS. */
  | { readonly kind: 'unreachable' | 'certificate'; readonly code: string }
  /** `said`: the beginning of the body, untrusted; empty if there was no body. */
  | { readonly kind: 'status'; readonly status: number; readonly said: string }
  | { readonly kind: 'wrong-shape'; readonly where: string };

/** `at`: Unix time in seconds by the server's clock; null if it sent none. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly at: number | null }
  | { readonly ok: false; readonly error: RequestError };

const WITHOUT_DETAIL = {
  'cut-short': 'closed the connection in the middle of its answer',
  'too-large': 'sent an answer that is too large or nested too deep',
  'not-json': 'sent an answer that is not JSON',
} as const;

/** The error as a predicate that follows the server's name: `does not answer in time`. */
export function requestErrorText(error: RequestError): string {
  if (error.kind === 'unreachable') return `cannot be reached (${oneLine(error.code, 60)})`;
  if (error.kind === 'certificate') {
    return `has a certificate that is not trusted (${oneLine(error.code, 60)})`;
  }
  if (error.kind === 'status') {
    const said = oneLine(error.said.trim(), 160);
    return `answers ${error.status}${said === '' ? ' with an empty body' : `: ${said}`}`;
  }
  if (error.kind === 'timeout') {
    return error.limit === null ? 'was interrupted' : `does not answer in time (${error.limit})`;
  }
  if (error.kind !== 'wrong-shape') return WITHOUT_DETAIL[error.kind];
  return `sent an answer of an unexpected form (at ${oneLine(error.where, 80)})`;
}

/** What to do. `api`: the API that cf targets. cf skips the check for all servers or for none. */
export function certificateAdvice(api: URL, code: string): string {
  const remedy = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code)
    ? 'It has expired or is not valid yet: check the clock of this machine, or renew it'
    : /ALTNAME|HOSTNAME/.test(code)
      ? 'It is for other names: check that cf api has the right address'
      : 'Set SSL_CERT_FILE or NODE_EXTRA_CA_CERTS to its CA';
  return `${remedy}, or skip the check as cf does: cf api ${api.origin} --skip-ssl-validation.`;
}
