import { existsSync, readFileSync } from 'node:fs';
import tls from 'node:tls';

/**
 * Where the authorities that this machine trusts stand as one file: Debian, Fedora, SUSE, RHEL, Alpine and macOS. cf looks
 * in the same places (Go's crypto/x509), Node does not, so a foundation with an authority of its own would work with cf
 * and fail here.
 */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;

/**
 * The authorities that cf trusts on this machine, as PEM; null where they cannot be found: then those of Node are used.
 * SSL_CERT_FILE replaces the machine's file, as for cf; NODE_EXTRA_CA_CERTS is added, as for everything that is Node.
 */
export function trustedAuthorities(
  env: Readonly<Record<string, string | undefined>>,
  bundles: readonly string[] = BUNDLES,
): readonly string[] | null {
  const own = env['SSL_CERT_FILE'] ?? '';
  const file = own === '' ? bundles.find((bundle) => existsSync(bundle)) : own;
  const machine = file === undefined ? systemStore() : pemOf(file);
  if (machine === null) return null;
  const extra = pemOf(env['NODE_EXTRA_CA_CERTS'] ?? '');
  return extra === null ? machine : [...machine, ...extra];
}

/** Windows and macOS keep them in a store that Node reads since 22.15. */
function systemStore(): readonly string[] | null {
  const { getCACertificates }: Partial<Pick<typeof tls, 'getCACertificates'>> = tls;
  if (getCACertificates === undefined) return null;
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

function pemOf(file: string): readonly string[] | null {
  if (file === '') return null;
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return null;
  }
}
