import type { RequestError } from './request-error.ts';

const OVER = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;
const OTHER_NAME = /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/;

/**
 * What to do about a certificate that is not trusted.
 * @param api what cf is pointed at, whichever server has the certificate: the check is skipped for all or for none
 */
export function certificateAdvice(
  api: URL,
  trouble: RequestError & { kind: 'certificate' },
): string {
  return `${mending(trouble)}, or skip the check as cf does: cf api ${api.origin} --skip-ssl-validation.`;
}

function mending({ code, fileTrouble }: RequestError & { kind: 'certificate' }): string {
  if (OVER.test(code)) {
    return 'Its time is over or has not begun: look at the clock of this machine and have the certificate renewed';
  }
  if (OTHER_NAME.test(code)) {
    return 'It is for other names: look whether cf api has the right address, and have one made for this name';
  }
  if (fileTrouble === null) {
    return 'Give its authority in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS';
  }
  return `${fileTrouble}. Give the authority there or in NODE_EXTRA_CA_CERTS`;
}
