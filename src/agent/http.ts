import http from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { jsonText } from '../present/json-text.ts';
import { Connections } from './connections.ts';
import { isHostAllowed, misdirected } from './host-rule.ts';
import { LINGER_MILLISECONDS, MAX_BODY, MAX_SILENCE_MILLISECONDS } from './server-limits.ts';
import { UnreadAnswers } from './unread-answers.ts';

export interface HttpResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpRequest {
  readonly headers: http.IncomingHttpHeaders;
  /** At most `MAX_BODY` bytes; empty for GET and DELETE. */
  readonly body: string;
}

type Handler = (asked: HttpRequest) => HttpResponse;
type Route = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', Handler>>>;
/** By path, then by method; HEAD is GET without a body. */
export type Routes = Readonly<Record<string, Route>>;

export const jsonResponse = (status: number, value: unknown): HttpResponse => ({
  status,
  type: 'application/json',
  body: `${jsonText(value)}\n`,
});

export const problem = (
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({ ...jsonResponse(status, { error }), headers });

/** In every answer: browsers must not cache anything about a cell, nor guess another type. */
const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

export interface Served {
  readonly routes: Routes;
  /** The host names that it accepts; null where clients prove who they are. */
  readonly hosts: ReadonlySet<string> | null;
}

/**
 * Answers from memory only: a request never causes a pass.
 * @returns closes the server at once, with each connection: idle, slow, or in a TLS handshake
 */
export function serve(server: http.Server, served: Served): () => Promise<void> {
  const connections = new Connections();
  server.timeout = MAX_SILENCE_MILLISECONDS;
  server.on('connection', (socket: Socket) => connections.opened(socket));
  const unread = new UnreadAnswers();
  const parsed = (socket: Socket): void => unread.inPieces(socket);
  server.on('connection', parsed).on('secureConnection', parsed);
  server.on('request', (request, response) => {
    const { socket } = request;
    if (!unread.asked(request)) return;
    connections.used(socket);
    response.once('close', () => {
      unread.written(request);
      connections.used(socket);
    });
    respond(request, response, served);
    unread.closeBeyondLimit();
  });
  server.on('clientError', refuseUnparsed);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      connections.closeAll();
    });
}

function respond(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { routes, hosts }: Served,
): void {
  if (hosts !== null && !isHostAllowed(hosts, request)) {
    send(request, response, problem(421, misdirected(hosts)));
    return;
  }
  const route = routeOf(request, routes);
  if (!route.isFound) send(request, response, route.reply);
  else if (request.method === 'POST') withBody(request, response, route.handler);
  else send(request, response, replyOf(route.handler, { headers: request.headers, body: '' }));
}

type Routed =
  | { readonly isFound: true; readonly handler: Handler }
  | { readonly isFound: false; readonly reply: HttpResponse };

function routeOf(request: http.IncomingMessage, routes: Routes): Routed {
  const path = pathOf(request.url ?? '');
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) {
    const paths = Object.keys(routes).join(', ');
    return { isFound: false, reply: problem(404, `not found; try ${paths}`) };
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler =
    method === 'GET' || method === 'POST' || method === 'DELETE' ? route[method] : undefined;
  if (handler !== undefined) return { isFound: true, handler };
  const allow = Object.keys(route).flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
  const reply = problem(405, 'this address does not support that method', {
    allow: allow.join(', '),
  });
  return { isFound: false, reply };
}

/** The path of a request target; a server must accept the absolute form too (RFC 9112, 3.2.2). */
const pathOf = (target: string): string => {
  const [path = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  return path === '' ? '/' : path;
};

function withBody(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  handler: Handler,
): void {
  const { headers } = request;
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BODY) chunks.push(chunk);
    else if (!response.headersSent) {
      send(request, response, problem(413, `the body may have at most ${MAX_BODY} bytes`));
    }
  });
  request.on('end', () => {
    if (response.headersSent) return;
    const body = Buffer.concat(chunks).toString('utf8');
    send(request, response, replyOf(handler, { headers, body }));
  });
}

/** A defect in one view must not end the agent; its client gets the error. */
function replyOf(handler: Handler, asked: HttpRequest): HttpResponse {
  try {
    return handler(asked);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return problem(500, `this is a bug in rollcall; please report it: ${why}`);
  }
}

function send(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  reply: HttpResponse,
): void {
  // Otherwise the unread rest of a body would be taken for the next request, or be read to its end.
  if (!request.complete && hasBody(request)) response.setHeader('connection', 'close');
  response.writeHead(reply.status, headersOf(reply));
  // To HEAD, Node does not send it.
  response.end(reply.body);
}

const headersOf = ({ type, body, headers }: HttpResponse): Readonly<Record<string, string>> => ({
  'content-type': type,
  'content-length': `${Buffer.byteLength(body)}`,
  ...COMMON_HEADERS,
  ...headers,
});

const hasBody = ({ headers }: http.IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

const STATUS_OF_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers bytes that are not a readable request: a head that is too large or too slow, or not HTTP.
 * At first only the writing side is closed: closing a connection with unread bytes would reset it,
 * and a client that is still sending would never see the answer.
 */
function refuseUnparsed(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Each further piece of an oversized head causes the same error again.
  if (!socket.writable) {
    if (error.code === 'ECONNRESET') socket.destroy();
    return;
  }
  const status = STATUS_OF_ERROR[error.code ?? ''] ?? 400;
  const reason = http.STATUS_CODES[status] ?? '';
  const reply = problem(status, reason.toLowerCase(), { connection: 'close' });
  const headers = Object.entries(headersOf(reply)).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${reason}`, ...headers, '', reply.body].join('\r\n'));
  const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS);
  socket.once('close', () => clearTimeout(timer));
}
