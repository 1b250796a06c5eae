import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import * as v from 'valibot';
import { errnoOf } from '../../model/failure.ts';
import { excessOf } from '../../model/json-bounds.ts';
import { oneLine } from '../../model/text.ts';
import { VERSION } from '../../terminal/version.ts';

/** `text` is a predicate that follows the server's name: `does not answer in time`. */
export type RequestError = { readonly text: string } & (
  | { readonly kind: 'timeout' | 'cut-short' | 'too-large' | 'not-json' | 'wrong-shape' }
  /** There was no connection, or it broke too early. `code`: an errno, or a code of Node's TLS. */
  | { readonly kind: 'unreachable' | 'certificate'; readonly code: string }
  /** `said`: the beginning of the body, untrusted; empty if there was no body. */
  | { readonly kind: 'status'; readonly status: number; readonly said: string }
);

/** `at`: Unix time in seconds by the server's clock; null if it sent none. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly at: number | null }
  | { readonly ok: false; readonly error: RequestError };

export const TOO_LARGE: RequestError = {
  kind: 'too-large',
  text: 'sent an answer that is too large or nested too deep',
};

export interface HttpClient {
  readonly agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent };
  /** What ends requests, each with its name; the first one is that of the whole run. */
  readonly limits: readonly Limit[];
  /** Receives each request, without the token. */
  readonly trace: ((line: string) => void) | null;
}

type Limit = { readonly over: AbortSignal; readonly name: string };

interface ClientSettings {
  /** True after `cf api --skip-ssl-validation`. */
  readonly skipsVerification: boolean;
  /** With `https_proxy` and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly trace: HttpClient['trace'];
}

export interface Server {
  readonly client: HttpClient;
  readonly url: URL;
  /** Includes the "bearer ". */
  readonly token: string;
}

/** As many slices as a healthy foundation needs at once. Others use Log Cache, too. */
const MAX_CONNECTIONS = 21;
/** A page of Log Cache has 1,000 envelopes of at most 2 kB. */
const MAX_BYTES = 4 * 1024 * 1024;
/** An error quotes only the beginning of a body whose status is not 200. */
const MAX_ERROR_BYTES = 16_384;

export function openClient({ skipsVerification, env, trace }: ClientSettings): HttpClient {
  const kept = { keepAlive: true, maxSockets: MAX_CONNECTIONS, proxyEnv: { ...env } };
  // The certificates that cf trusts: the machine's store, or SSL_CERT_FILE and SSL_CERT_DIR in its
  // place. One context for all connections, because reading a store takes longer than a handshake.
  const ca = skipsVerification
    ? []
    : [...tls.getCACertificates('system'), ...tls.getCACertificates('extra')];
  const checked = skipsVerification
    ? { rejectUnauthorized: false }
    : { secureContext: tls.createSecureContext({ ca }) };
  return {
    agents: { 'http:': new http.Agent(kept), 'https:': new https.Agent({ ...kept, ...checked }) },
    limits: [],
    trace,
  };
}

/**
 * The same connections. Requests end after this time, or earlier with those of `client`.
 * @param name of this limit, for errors: `--timeout 20`
 */
export function within(client: HttpClient, milliseconds: number, name: string): HttpClient {
  const over = AbortSignal.timeout(milliseconds);
  return { ...client, limits: [...client.limits, { over, name }] };
}

/** Closes idle connections, which would keep the process running. */
export function closeClient({ agents }: HttpClient): void {
  for (const agent of Object.values(agents)) agent.destroy();
}

export function below(base: URL, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, '')}${path}`;
  url.search = new URLSearchParams(query).toString();
  return url;
}

/**
 * Sends one GET request for JSON of a known form. It never rejects: every failure is an answer. It
 * follows no redirect, so that the token reaches only the intended server.
 * @param token including the "bearer "; null: none is sent
 */
export async function getJson<T>(
  client: HttpClient,
  url: URL,
  schema: v.GenericSchema<unknown, T>,
  token: string | null,
): Promise<Answer<T>> {
  const begun = performance.now();
  let outcome = '';
  let incoming: IncomingMessage | null = null;
  const failed = (error: RequestError): Answer<T> => ({ ok: false, error });
  try {
    incoming = await responseOf(client, url, token);
    const { statusCode: status = 0, headers } = incoming;
    outcome = String(status);
    const bound = status === 200 ? MAX_BYTES : MAX_ERROR_BYTES;
    const body = await bodyOf(incoming, bound);
    if (status !== 200) {
      const said = body.subarray(0, bound).toString('utf8');
      const shown = oneLine(said.trim(), 160);
      const text = `answers ${status}${shown === '' ? ' with an empty body' : `: ${shown}`}`;
      return failed({ kind: 'status', text, status, said });
    }
    if (body.length > bound) return failed(TOO_LARGE);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (excessOf(text) !== null) return failed(TOO_LARGE);
    const json: unknown = JSON.parse(text);
    const date = Date.parse(headers.date ?? '') / 1000;
    const { success, output, issues } = v.safeParse(schema, json, { abortEarly: true });
    if (success) return { ok: true, value: output, at: Number.isNaN(date) ? null : date };
    const where = oneLine(v.getDotPath(issues[0]) ?? 'its top', 80);
    const said = `sent an answer of an unexpected form (at ${where})`;
    return failed({ kind: 'wrong-shape', text: said });
  } catch (error) {
    const known = requestError(error, incoming !== null, client);
    outcome = 'code' in known ? known.code : known.kind;
    return failed(known);
  } finally {
    client.trace?.(`GET ${url.href} ${outcome} ${Math.round(performance.now() - begun)} ms`);
  }
}

function responseOf(client: HttpClient, url: URL, token: string | null): Promise<IncomingMessage> {
  const headers = {
    Accept: 'application/json',
    'User-Agent': `rollcall-cf-plugin/${VERSION}`,
    ...(token === null ? {} : { Authorization: token }),
  };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any(client.limits.map(({ over }) => over));
    const options = { headers, signal };
    const outgoing =
      url.protocol === 'https:'
        ? https.get(url, { ...options, agent: client.agents['https:'] })
        : http.get(url, { ...options, agent: client.agents['http:'] });
    outgoing.on('response', resolve).on('error', reject);
    // A protocol upgrade (101) emits neither event: Node only closes the connection.
    outgoing.on('close', () => reject(new Error('closed without an answer')));
  });
}

/** The body, or a little more than `bound` bytes of it. */
async function bodyOf(stream: AsyncIterable<Buffer>, bound: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    received += chunk.length;
    // Leaving the loop destroys the connection, so the rest is not read.
    if (received > bound) break;
  }
  return Buffer.concat(chunks);
}

/** OpenSSL's codes for a bad certificate, as Node reports them. */
const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

function requestError(error: unknown, hasBegun: boolean, client: HttpClient): RequestError {
  const passed = client.limits.find(({ over }) => over.aborted);
  if (passed !== undefined) {
    return { kind: 'timeout', text: `does not answer in time (${passed.name})` };
  }
  if (error instanceof SyntaxError || error instanceof TypeError) {
    return { kind: 'not-json', text: 'sent an answer that is not JSON' };
  }
  if (hasBegun) {
    return { kind: 'cut-short', text: 'closed the connection in the middle of its answer' };
  }
  const code = errnoOf(error);
  const shown = oneLine(code, 60);
  return CERTIFICATE.test(code)
    ? { kind: 'certificate', code, text: `has a certificate that is not trusted (${shown})` }
    : { kind: 'unreachable', code, text: `cannot be reached (${shown})` };
}

/** What to do. `api`: the API that cf targets. cf skips the check for all servers or for none. */
export function certificateAdvice(api: URL, code: string): string {
  const remedy = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code)
    ? 'The certificate has expired or is not valid yet: check the clock of this machine, or renew the certificate'
    : /ALTNAME|HOSTNAME/.test(code)
      ? 'The certificate is for other names: check that cf api has the right address'
      : 'Set SSL_CERT_FILE or NODE_EXTRA_CA_CERTS to the CA of the certificate';
  return `${remedy}, or skip the check as cf does: cf api ${api.origin} --skip-ssl-validation.`;
}
