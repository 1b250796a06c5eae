/**
 * What to do about a certificate that is not trusted.
 * @param fileTrouble why the file that was given for that is of no use; null where none was given, or it is
 */
export function certificateAdvice(server: URL, fileTrouble: string | null): string {
  const give =
    fileTrouble === null
      ? 'Give its authority in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS'
      : `${fileTrouble}. Give the authority there or in NODE_EXTRA_CA_CERTS`;
  return `${give}, or skip the check as cf does: cf api ${server.origin} --skip-ssl-validation.`;
}
