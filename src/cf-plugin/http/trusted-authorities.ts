import { X509Certificate } from 'node:crypto';
import { existsSync, opendirSync, readFileSync, statSync, type Dir } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { errnoOf } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';

export interface TrustedAuthorities {
  /** As PEM; null where there are none: Node's own are used then. */
  readonly pem: readonly string[] | null;
  /** What is wrong with the file in SSL_CERT_FILE; null where nothing is, or none is set. */
  readonly fileError: string | null;
}

/**
 * The files in which Debian, Fedora, SUSE, RHEL and Alpine keep all authorities of the machine. cf
 * reads the same files (Go's crypto/x509); Node does not, so it would reject a foundation whose
 * authority only the machine knows. macOS has the last file too, but without what a company adds to
 * its keychain.
 */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;

/**
 * The folders that hold one file for each authority. The bundle has the same ones, unless somebody
 * forgot update-ca-certificates, so they are read only where SSL_CERT_FILE replaces the bundle:
 * reading them all takes longer than the rest of the command.
 */
const FOLDERS = ['/etc/ssl/certs', '/etc/pki/tls/certs'] as const;

const MAX_FOLDERS = 20;
/** A folder of Debian has about 150 authorities, each twice and a few kilobytes long. */
const MAX_FILES = 2_000;
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FOLDER_BYTES = 16 * 1024 * 1024;

/**
 * The authorities that cf trusts on this machine. SSL_CERT_FILE replaces the bundle and
 * SSL_CERT_DIR the folders, as for cf (Go's crypto/x509 root_unix.go); NODE_EXTRA_CA_CERTS adds to
 * them, as for every Node program.
 */
export function trustedAuthorities(
  env: Readonly<Record<string, string | undefined>>,
  bundles: readonly string[] = BUNDLES,
  machineFolders: readonly string[] = FOLDERS,
  platform: NodeJS.Platform = process.platform,
): TrustedAuthorities {
  const ownFile = env['SSL_CERT_FILE'] ?? '';
  const { pem, fileError } =
    ownFile === '' ? ofMachine(bundles, platform) : fromCertificateFile(ownFile);
  const named = (env['SSL_CERT_DIR'] ?? '').split(path.delimiter).filter((one) => one !== '');
  const folders = named.length > 0 ? named : ownFile === '' ? [] : machineFolders;
  const inFolders = folders.slice(0, MAX_FOLDERS).flatMap(certificatesIn);
  if (pem === null && inFolders.length === 0) return { pem: null, fileError };
  const extra = textsOf(env['NODE_EXTRA_CA_CERTS'] ?? '') ?? [];
  return { pem: [...(pem ?? []), ...inFolders, ...extra], fileError };
}

function ofMachine(bundles: readonly string[], platform: NodeJS.Platform): TrustedAuthorities {
  const store = platform === 'darwin' ? systemStore() : null;
  if (store !== null) return { pem: store, fileError: null };
  const bundle = bundles.find((file) => existsSync(file));
  return { pem: bundle === undefined ? systemStore() : textsOf(bundle), fileError: null };
}

/** cf silently ignores an unusable file; the plugin says what is wrong with it. */
function fromCertificateFile(file: string): TrustedAuthorities {
  const named = `SSL_CERT_FILE names ${oneLine(file, 200)}, which`;
  try {
    const text = readFileSync(file, 'utf8');
    return holdsCertificate(text)
      ? { pem: [text], fileError: null }
      : { pem: null, fileError: `${named} holds no certificate` };
  } catch (error) {
    return { pem: null, fileError: `${named} cannot be read (${errnoOf(error)})` };
  }
}

/** The store of macOS or Windows, which Node reads since 22.15. */
function systemStore(): readonly string[] | null {
  const { getCACertificates }: Partial<Pick<typeof tls, 'getCACertificates'>> = tls;
  if (getCACertificates === undefined) return null;
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

function textsOf(file: string): readonly string[] | null {
  if (file === '') return null;
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return null;
  }
}

/**
 * The certificates in the files of a folder, each text once. It skips unreadable files, as Go does
 * for SSL_CERT_DIR.
 */
function certificatesIn(folder: string): readonly string[] {
  const found = new Set<string>();
  let bytes = 0;
  for (const name of namesIn(folder)) {
    const text = boundedText(path.join(folder, name));
    if (text === null || found.has(text) || !holdsCertificate(text)) continue;
    bytes += text.length;
    if (bytes > MAX_FOLDER_BYTES) break;
    found.add(text);
  }
  return [...found];
}

function namesIn(folder: string): readonly string[] {
  let opened: Dir | null = null;
  const names: string[] = [];
  try {
    opened = opendirSync(folder);
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      names.push(entry.name);
      if (names.length === MAX_FILES) break;
    }
  } catch {
    // The names before the error still count.
  } finally {
    opened?.closeSync();
  }
  return names;
}

function boundedText(file: string): string | null {
  try {
    const found = statSync(file);
    // A pipe or a device might never end.
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return null;
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Whether a text begins with a certificate that can be parsed. */
function holdsCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}
