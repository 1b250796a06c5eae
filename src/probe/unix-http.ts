import { request, type Agent, type IncomingMessage } from 'node:http';
import { errnoOf } from '../model/failure.ts';

export interface UnixExchange {
  readonly socketPath: string;
  /** As sent: the caller percent-encodes it. */
  readonly path: string;
  readonly host: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** JSON; null: none. */
  readonly body: string | null;
  /** False: uses a new connection and closes it afterwards. */
  readonly agent: Agent | false;
  /** On the clock of `performance.now()`; covers connecting, the head and the whole body. */
  readonly deadline: number;
  readonly maxBodyBytes: number;
}

export type ExchangeOutcome =
  /** `body` is null if it is not UTF-8, and may be truncated if the status is not 200. */
  | { readonly kind: 'response'; readonly status: number; readonly body: string | null }
  | { readonly kind: 'timeout' | 'too-large' | 'cut-short' }
  | {
      readonly kind: 'error';
      /** An errno, or node's code of a parse error (`HPE_…`). */
      readonly code: string;
      /** The connection had served a request before, and ended before this response began. */
      readonly wasReused: boolean;
    };

/** Enough for the JSON of an error; the rest is not read. */
const ERROR_BODY_BYTES = 65_536;
const OK = 200;
const JSON_BODY = { 'Content-Type': 'application/json' };

function textOf(chunks: readonly Buffer[]): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return null;
  }
}

type Settle = (outcome: ExchangeOutcome, connection: 'kept' | 'ended') => void;

/** Collects the body up to the limit; the rest is not read. */
function receive(incoming: IncomingMessage, bound: number, settle: Settle): void {
  const status = incoming.statusCode ?? 0;
  const limit = status === OK ? bound : Math.min(bound, ERROR_BODY_BYTES);
  const chunks: Buffer[] = [];
  let received = 0;
  const response = (): ExchangeOutcome => ({ kind: 'response', status, body: textOf(chunks) });
  const overLimit = (): void => settle(status === OK ? { kind: 'too-large' } : response(), 'ended');

  incoming.on('error', () => settle({ kind: 'cut-short' }, 'ended'));
  incoming.on('close', () => settle({ kind: 'cut-short' }, 'ended'));
  incoming.on('end', () => {
    if (incoming.complete) settle(response(), 'kept');
  });
  incoming.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > limit) overLimit();
    else chunks.push(chunk);
  });
  if (Number(incoming.headers['content-length'] ?? 0) > limit) overLimit();
}

/** One request over a Unix socket. Every failure is an outcome, never a rejection. */
export function unixExchange(exchange: UnixExchange): Promise<ExchangeOutcome> {
  const { socketPath, path, agent, host, method, body } = exchange;
  // Node ignores an empty socket path and would connect to TCP port 80.
  if (socketPath === '') {
    return Promise.resolve({ kind: 'error', code: 'ENOENT', wasReused: false });
  }
  const left = exchange.deadline - performance.now();
  // Skip the connection if the request cannot be answered in time: a batch may have hundreds. A
  // timer may fire a fraction of a millisecond early, so less than one millisecond counts as none.
  if (left < 1) return Promise.resolve({ kind: 'timeout' });
  return new Promise((resolve) => {
    const headers = { Host: host, ...(body === null ? {} : JSON_BODY) };
    const outgoing = request({ socketPath, path, agent, method, headers });
    let answered = false;
    let settled = false;
    const settle: Settle = (outcome, connection) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(outcome);
      if (connection === 'ended') outgoing.destroy();
    };
    // Node's socket timeout would restart with each byte.
    const timer = setTimeout(() => settle({ kind: 'timeout' }, 'ended'), Math.ceil(left));
    outgoing.on('error', (error) => {
      const wasReused = outgoing.reusedSocket && !answered;
      settle({ kind: 'error', code: errnoOf(error), wasReused }, 'ended');
    });
    outgoing.on('response', (incoming) => {
      answered = true;
      receive(incoming, exchange.maxBodyBytes, settle);
    });
    outgoing.end(body ?? undefined);
  });
}
