import { oneLine } from '../../model/text.ts';

/** Why there is no usable answer to one request. */
export type RequestError =
  | { readonly kind: 'timeout'; readonly seconds: number }
  /** No connection, or it broke before the answer. `code`: an errno or a code of Node's TLS. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** `fileError`: as in TrustedAuthorities. */
  | { readonly kind: 'certificate'; readonly code: string; readonly fileError: string | null }
  /** `said`: the beginning of the body, untrusted; empty where there was none. */
  | { readonly kind: 'status'; readonly status: number; readonly said: string }
  | { readonly kind: 'cut-short' | 'too-large' | 'not-json' }
  | { readonly kind: 'wrong-shape'; readonly where: string };

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: RequestError };

const MAX_QUOTE = 160;

/** The error as a predicate of the server's name: `does not answer within 12 s`. */
export function requestErrorText(error: RequestError): string {
  switch (error.kind) {
    case 'timeout':
      return `does not answer within ${error.seconds} s`;
    case 'unreachable':
      return `cannot be reached (${oneLine(error.code, 60)})`;
    case 'certificate':
      return `has a certificate that is not trusted (${oneLine(error.code, 60)})`;
    case 'status': {
      const said = oneLine(error.said.trim(), MAX_QUOTE);
      return `answers ${error.status}${said === '' ? ' with an empty body' : `: ${said}`}`;
    }
    case 'cut-short':
      return 'broke off in the middle of its answer';
    case 'too-large':
      return 'gives an answer that is too large';
    case 'not-json':
      return 'gives an answer that is no JSON';
    case 'wrong-shape':
      return `gives an answer of another form than expected (at ${oneLine(error.where, 80)})`;
    default:
      return error satisfies never;
  }
}

const OUT_OF_DATE = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;
const OTHER_NAME = /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/;

/**
 * What to do about a certificate that is not trusted.
 * @param api the API that cf targets, whichever server has the certificate: cf skips the check for
 *   all or for none
 */
export function certificateAdvice(
  api: URL,
  error: RequestError & { readonly kind: 'certificate' },
): string {
  return `${remedy(error)}, or skip the check as cf does: cf api ${api.origin} --skip-ssl-validation.`;
}

function remedy({ code, fileError }: RequestError & { readonly kind: 'certificate' }): string {
  if (OUT_OF_DATE.test(code)) {
    return 'Its time is over or has not begun: look at the clock of this machine and have the certificate renewed';
  }
  if (OTHER_NAME.test(code)) {
    return 'It is for other names: look whether cf api has the right address, and have one made for this name';
  }
  if (fileError === null) {
    return 'Give its authority in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS';
  }
  return `${fileError}. Give the authority there or in NODE_EXTRA_CA_CERTS`;
}
