import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import * as v from 'valibot';
import { errnoOf } from '../../model/failure.ts';
import { VERSION } from '../../terminal/version.ts';
import type { Answer, RequestError } from './request-error.ts';
import type { TrustedAuthorities } from './trusted-authorities.ts';

/** The connections of one run of the plugin. */
export interface Web {
  readonly agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent };
  readonly timeoutMilliseconds: number;
  readonly maxBodyBytes: number;
  /** As in TrustedAuthorities. */
  readonly fileError: string | null;
  /** closeWeb aborts it; no request begins after that. */
  readonly closing: AbortController;
}

export interface WebOptions {
  /** True after `cf api --skip-ssl-validation`: certificates are then not verified. */
  readonly skipsVerification: boolean;
  /** null: Node's own. */
  readonly authorities: TrustedAuthorities | null;
  readonly timeoutMilliseconds?: number;
  readonly maxBodyBytes?: number;
}

/** Log Cache and the Cloud Controller serve others too. */
const MAX_CONNECTIONS = 16;
/** Log Cache ends a query itself after 10 s, and its own error says more than a timeout. */
const TIMEOUT_MILLISECONDS = 12_000;
/**
 * The largest valid answer about cells is rollcall_untracked over five minutes: 2,000 cells × 5
 * series × (350 bytes of labels + 20 samples × 30) is 9 MB. About 15,000 findings fit too; beyond
 * that only their counts are known.
 */
const MAX_BYTES = 16 * 1024 * 1024;
/** An error quotes only the beginning of a body whose status is not 200. */
const MAX_ERROR_BYTES = 16_384;

export function openWeb(options: WebOptions): Web {
  const { skipsVerification } = options;
  const { pem, fileError } = options.authorities ?? { pem: null, fileError: null };
  const kept = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  return {
    agents: {
      'http:': new http.Agent(kept),
      'https:': new https.Agent({
        ...kept,
        rejectUnauthorized: !skipsVerification,
        // One context for all connections: reading a whole trust store takes longer than a
        // handshake.
        ...(skipsVerification || pem === null
          ? {}
          : { secureContext: createSecureContext({ ca: [...pem] }) }),
      }),
    },
    timeoutMilliseconds: options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS,
    maxBodyBytes: options.maxBodyBytes ?? MAX_BYTES,
    fileError,
    closing: new AbortController(),
  };
}

/** Ends kept connections and pending requests, which would keep the process alive. */
export function closeWeb({ agents, closing }: Web): void {
  closing.abort();
  for (const agent of Object.values(agents)) agent.destroy();
}

/** The address of a path below a server's base address. */
export function below(base: URL, path: string, query: Readonly<Record<string, string>>): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, '')}${path}`;
  url.search = new URLSearchParams(query).toString();
  return url;
}

/**
 * Sends one GET whose answer is JSON of a known form. It never rejects: every failure is an answer.
 * It follows no redirect, so that the token reaches only the server that was meant.
 * @param token with its "bearer "; null: none is sent
 */
export async function getJson<T>(
  web: Web,
  url: URL,
  schema: v.GenericSchema<unknown, T>,
  token: string | null,
): Promise<Answer<T>> {
  const signal = AbortSignal.timeout(web.timeoutMilliseconds);
  const failed = (error: RequestError): Answer<T> => ({ ok: false, error });
  // A destroyed agent would connect once more.
  if (web.closing.signal.aborted) return failed({ kind: 'unreachable', code: 'ECANCELED' });
  try {
    const incoming = await responseOf(web, url, token, signal);
    const status = incoming.statusCode ?? 0;
    const bound = status === 200 ? web.maxBodyBytes : MAX_ERROR_BYTES;
    const body = await bodyOf(incoming, bound);
    if (status !== 200) {
      return failed({ kind: 'status', status, said: body.chunks.toString('utf8') });
    }
    return body.isWhole ? parsed(body.chunks, schema) : failed({ kind: 'too-large' });
  } catch (error) {
    if (signal.aborted) {
      return failed({ kind: 'timeout', seconds: web.timeoutMilliseconds / 1000 });
    }
    return failed(requestError(error, web));
  }
}

function responseOf(
  web: Web,
  url: URL,
  token: string | null,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const headers = {
    Accept: 'application/json',
    'User-Agent': `rollcall-cf-plugin/${VERSION}`,
    ...(token === null ? {} : { Authorization: token }),
  };
  return new Promise((resolve, reject) => {
    const options = { headers, signal };
    const outgoing =
      url.protocol === 'https:'
        ? https.get(url, { ...options, agent: web.agents['https:'] })
        : http.get(url, { ...options, agent: web.agents['http:'] });
    outgoing.on('response', resolve);
    outgoing.on('error', (error) => {
      // A server may close a kept connection just as it is used again, which says nothing about the
      // server. closeWeb causes the same error, and then nothing may be sent again.
      const wasStale = outgoing.reusedSocket && errnoOf(error) === 'ECONNRESET';
      if (wasStale && !signal.aborted && !web.closing.signal.aborted)
        resolve(responseOf(web, url, token, signal));
      else reject(error);
    });
    // A change of protocol (101) causes neither event: Node only closes the connection.
    outgoing.on('close', () => reject(new Error('closed without an answer')));
  });
}

class CutShort extends Error {}

async function bodyOf(
  incoming: IncomingMessage,
  bound: number,
): Promise<{ readonly chunks: Buffer; readonly isWhole: boolean }> {
  const stream: AsyncIterable<Buffer> = incoming;
  const chunks: Buffer[] = [];
  let received = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk.subarray(0, bound - received));
      received += chunk.length;
      // Leaving the loop destroys the connection, so that the rest is not read.
      if (received > bound) break;
    }
  } catch (error) {
    throw new CutShort('cut short', { cause: error });
  }
  return { chunks: Buffer.concat(chunks), isWhole: received <= bound };
}

function parsed<T>(body: Buffer, schema: v.GenericSchema<unknown, T>): Answer<T> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { ok: false, error: { kind: 'not-json' } };
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const where = v.getDotPath(result.issues[0]) ?? 'its top';
  return { ok: false, error: { kind: 'wrong-shape', where } };
}

/** OpenSSL's codes for a bad certificate, as Node gives them. */
const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

function requestError(error: unknown, { fileError }: Web): RequestError {
  if (error instanceof CutShort) return { kind: 'cut-short' };
  const code = errnoOf(error);
  return CERTIFICATE.test(code)
    ? { kind: 'certificate', code, fileError }
    : { kind: 'unreachable', code };
}
