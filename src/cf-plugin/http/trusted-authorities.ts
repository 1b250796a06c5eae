import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { oneLine } from '../../model/text.ts';
import { certificatesOf, holdsCertificate } from './authority-folder.ts';

/**
 * Where the authorities that this machine trusts stand as one file: Debian, Fedora, SUSE, RHEL and Alpine. cf looks in the same places
 * (Go's crypto/x509), Node does not, so a foundation with an authority of its own would work with cf and fail here. macOS has the last
 * one too, without what a company adds to its keychain.
 */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;

/**
 * Where they stand a file each. They are in the machine's own file too, unless somebody forgot update-ca-certificates, so they are read
 * only where another file takes its place: reading them all takes longer than the rest of the command.
 */
const FOLDERS = ['/etc/ssl/certs', '/etc/pki/tls/certs'] as const;

export interface TrustedAuthorities {
  /** As PEM; null where none can be found: then those of Node are used. */
  readonly pem: readonly string[] | null;
  /** What is wrong with the file in SSL_CERT_FILE, for a person; null where it is not set, or holds a certificate. */
  readonly fileTrouble: string | null;
}

/**
 * The authorities that cf trusts on this machine. SSL_CERT_FILE replaces the machine's file, and SSL_CERT_DIR its folders, as for cf
 * (Go's crypto/x509 root_unix.go); NODE_EXTRA_CA_CERTS is added, as for everything that is Node.
 */
export function trustedAuthorities(
  env: Readonly<Record<string, string | undefined>>,
  bundles: readonly string[] = BUNDLES,
  machineFolders: readonly string[] = FOLDERS,
  platform: NodeJS.Platform = process.platform,
): TrustedAuthorities {
  const own = env['SSL_CERT_FILE'] ?? '';
  const { pem: file, trouble } = own === '' ? ofMachine(bundles, platform) : ofFile(own);
  const named = (env['SSL_CERT_DIR'] ?? '').split(path.delimiter).filter((one) => one !== '');
  const folders = named.length > 0 ? named : own === '' ? [] : machineFolders;
  const inFolders = folders.slice(0, MAX_FOLDERS).flatMap(certificatesOf);
  if (file === null && inFolders.length === 0) return { pem: null, fileTrouble: trouble };
  const extra = textOf(env['NODE_EXTRA_CA_CERTS'] ?? '') ?? [];
  return { pem: [...(file ?? []), ...inFolders, ...extra], fileTrouble: trouble };
}

const MAX_FOLDERS = 20;

interface Read {
  readonly pem: readonly string[] | null;
  readonly trouble: string | null;
}

function ofMachine(bundles: readonly string[], platform: NodeJS.Platform): Read {
  const store = platform === 'darwin' ? systemStore() : null;
  if (store !== null) return { pem: store, trouble: null };
  const bundle = bundles.find((file) => existsSync(file));
  return { pem: bundle === undefined ? systemStore() : textOf(bundle), trouble: null };
}

/** cf passes over a file that gives nothing without a word, and then a certificate is not trusted although the file is set. */
function ofFile(file: string): Read {
  const named = `SSL_CERT_FILE names ${oneLine(file, 200)}, which`;
  try {
    const text = readFileSync(file, 'utf8');
    return holdsCertificate(text)
      ? { pem: [text], trouble: null }
      : { pem: null, trouble: `${named} holds no certificate` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { pem: null, trouble: `${named} cannot be read (${code})` };
  }
}

/** Windows and macOS keep them in a store that Node reads since 22.15. */
function systemStore(): readonly string[] | null {
  const { getCACertificates }: Partial<Pick<typeof tls, 'getCACertificates'>> = tls;
  if (getCACertificates === undefined) return null;
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

function textOf(file: string): readonly string[] | null {
  if (file === '') return null;
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return null;
  }
}
