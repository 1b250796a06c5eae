/** What to do about a certificate that is not trusted. */
export const certificateAdvice = (server: URL): string =>
  `Give its authority in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS, or skip the check as cf does: cf api ${server.origin} --skip-ssl-validation.`;
