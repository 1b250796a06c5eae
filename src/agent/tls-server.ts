import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import type { TlsFiles } from '../model/agent-config.ts';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { MAX_HANDSHAKE_MILLISECONDS, SERVER_OPTIONS } from './server-limits.ts';

const CHECK_MILLISECONDS = 60_000;
/** The first check that fails may have read files that were half written. */
const REPORTED_FAILURES = 2;

type Renewed = Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'minVersion'>;

/** Called with the reason when changed files cannot be used, and with null when they can again. */
export type OnRenewal = (error: string | null) => void;

/**
 * Answers only clients with a certificate of its authority.
 * @throws KnownFailure TLS_FILES
 */
export function tlsServer(files: TlsFiles, onRenewal: OnRenewal): https.Server {
  const certificates = new Certificates(files, onRenewal);
  const server = https.createServer({
    ...SERVER_OPTIONS,
    ...certificates.read(),
    handshakeTimeout: MAX_HANDSHAKE_MILLISECONDS,
  });
  // Before Node's own listener, so that the connection that detects new files is served with them.
  server.prependListener('connection', () => {
    const renewed = certificates.readIfChanged();
    if (renewed !== null) server.setSecureContext(renewed);
  });
  server.on('tlsClientError', () => certificates.suspect());
  return server;
}

/** The server's certificate and the clients' authority, which may change while the agent runs. */
class Certificates {
  readonly #files: TlsFiles;
  readonly #onRenewal: OnRenewal;
  #stamp = '';
  #checkedAt = Number.NEGATIVE_INFINITY;
  /** Consecutive checks that failed. */
  #failures = 0;

  constructor(files: TlsFiles, onRenewal: OnRenewal) {
    this.#files = files;
    this.#onRenewal = onRenewal;
  }

  /** @throws KnownFailure TLS_FILES */
  read(): TlsOptions {
    this.#checkedAt = performance.now();
    const stamp = this.#stampNow();
    const context = this.#context();
    this.#stamp = stamp;
    return { ...context, requestCert: true, rejectUnauthorized: true };
  }

  /** Checked at most once a minute; null if there are none, or if they cannot be used. */
  readIfChanged(): Renewed | null {
    const now = performance.now();
    if (now - this.#checkedAt < CHECK_MILLISECONDS) return null;
    this.#checkedAt = now;
    try {
      const stamp = this.#stampNow();
      const context = stamp === this.#stamp ? null : this.#context();
      this.#stamp = stamp;
      this.#checked(null);
      return context;
    } catch (error) {
      this.#checked(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  #checked(error: string | null): void {
    const before = this.#failures;
    this.#failures = error === null ? 0 : before + 1;
    const hasEnded = error === null && before >= REPORTED_FAILURES;
    if (hasEnded || this.#failures === REPORTED_FAILURES) this.#onRenewal(error);
  }

  /** After a failed handshake the next connection checks the files, which may have changed. */
  suspect(): void {
    this.#checkedAt = Number.NEGATIVE_INFINITY;
  }

  #context(): Renewed {
    const { certPath, keyPath, caPath } = this.#files;
    const cert = readFile(certPath, 'metrics.tls.certPath');
    const key = readFile(keyPath, 'metrics.tls.keyPath');
    const ca = readFile(caPath, 'metrics.tls.caPath');
    const context: Renewed = { cert, key, ca, minVersion: 'TLSv1.2' };
    check('metrics.tls.caPath', caPath, () => new X509Certificate(ca));
    check('metrics.tls.certPath', certPath, () => new X509Certificate(cert));
    check('metrics.tls.keyPath', keyPath, () => createSecureContext(context));
    return context;
  }

  /** Changes whenever a file is replaced, written, or becomes readable again. */
  #stampNow(): string {
    return Object.values(this.#files).map(stampOf).join('; ');
  }
}

function stampOf(path: string): string {
  try {
    const { ino, mtimeMs, size } = fs.statSync(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    return errnoOf(error);
  }
}

function readFile(path: string, key: string): Buffer {
  try {
    return fs.readFileSync(path);
  } catch (cause) {
    const why = `Cannot read ${path} (${errnoOf(cause)}): correct ${key}, or set metrics.tls to null.`;
    throw new KnownFailure('TLS_FILES', why, { cause });
  }
}

/** OpenSSL's own errors name neither the file nor the key of the configuration. */
function check(key: string, path: string, use: () => unknown): void {
  try {
    use();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = key.endsWith('keyPath')
      ? 'a PEM key that matches metrics.tls.certPath'
      : 'a PEM certificate';
    throw new KnownFailure('TLS_FILES', `${path} is not ${what} (${why}): correct ${key}.`, {
      cause,
    });
  }
}
