import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import * as v from 'valibot';
import { VERSION } from '../../terminal/version.ts';
import type { Answer, RequestError } from './request-error.ts';
import type { TrustedAuthorities } from './trusted-authorities.ts';

/** The connections of one run of the plugin. */
export interface Web {
  readonly agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent };
  readonly timeoutMilliseconds: number;
  readonly maxBodyBytes: number;
  /** Of the authorities. */
  readonly fileTrouble: string | null;
  /** Aborted by closeWeb: after it nothing is asked any more. */
  readonly closing: AbortController;
}

export interface WebOptions {
  /** As `cf api --skip-ssl-validation` left it: only then is a certificate not verified. */
  readonly skipsVerification: boolean;
  /** null: those that Node brings. */
  readonly authorities: TrustedAuthorities | null;
  readonly timeoutMilliseconds?: number;
  readonly maxBodyBytes?: number;
}

/** Log Cache and the Cloud Controller serve others too. */
const MAX_CONNECTIONS = 16;
/** Log Cache ends a query itself after 10 s, and its own answer to that tells more than ours. */
const TIMEOUT_MILLISECONDS = 12_000;
/**
 * The largest honest answer about cells is rollcall_untracked of five minutes: 2,000 cells × 5 series × (350 bytes of labels + 20
 * samples × 30) is 9 MB. Findings fit until some 15,000 are named at once; of more the counts are still told.
 */
const MAX_BYTES = 16 * 1024 * 1024;
/** Of an answer with another status than 200 only the beginning is of use. */
const MAX_ERROR_BYTES = 16_384;

export function openWeb(options: WebOptions): Web {
  const { skipsVerification } = options;
  const { pem, fileTrouble } = options.authorities ?? { pem: null, fileTrouble: null };
  const kept = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  return {
    agents: {
      'http:': new http.Agent(kept),
      'https:': new https.Agent({
        ...kept,
        rejectUnauthorized: !skipsVerification,
        // One context for all connections: reading a whole trust store takes longer than a handshake.
        ...(skipsVerification || pem === null
          ? {}
          : { secureContext: createSecureContext({ ca: [...pem] }) }),
      }),
    },
    timeoutMilliseconds: options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS,
    maxBodyBytes: options.maxBodyBytes ?? MAX_BYTES,
    fileTrouble,
    closing: new AbortController(),
  };
}

/** Kept connections would keep the process alive, and so would requests under way: they fail at once, and no other begins. */
export function closeWeb({ agents, closing }: Web): void {
  closing.abort();
  for (const agent of Object.values(agents)) agent.destroy();
}

/**
 * One GET whose answer is JSON of a known form. Every way to fail is an answer, never a rejection; a redirect is not
 * followed, because the token must not go where nobody said. `token`: with its "bearer "; null: without.
 */
export async function getJson<T>(
  web: Web,
  url: URL,
  schema: v.GenericSchema<unknown, T>,
  token: string | null,
): Promise<Answer<T>> {
  const signal = AbortSignal.timeout(web.timeoutMilliseconds);
  const failed = (trouble: RequestError): Answer<T> => ({ ok: false, trouble });
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
    return failed(troubleOf(error, web));
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
      // A server may close a kept connection just when it is used again: that tells nothing of the server. Closing ours looks the same.
      const wasStale = outgoing.reusedSocket && codeOf(error) === 'ECONNRESET';
      if (wasStale && !signal.aborted && !web.closing.signal.aborted)
        resolve(responseOf(web, url, token, signal));
      else reject(error);
    });
    // An answer that changes the protocol (101) is neither of them: Node only closes the connection.
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
      // Leaving the loop destroys the connection: what is behind the bound is not read.
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
    return { ok: false, trouble: { kind: 'not-json' } };
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const where = v.getDotPath(result.issues[0]) ?? 'its top';
  return { ok: false, trouble: { kind: 'wrong-shape', where } };
}

/** OpenSSL's names of what can be wrong with a certificate, as Node gives them. */
const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

function troubleOf(error: unknown, { fileTrouble }: Web): RequestError {
  if (error instanceof CutShort) return { kind: 'cut-short' };
  const code = codeOf(error);
  return CERTIFICATE.test(code)
    ? { kind: 'certificate', code, fileTrouble }
    : { kind: 'unreachable', code };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'EUNKNOWN';
