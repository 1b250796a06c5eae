import type http from 'node:http';
import type { Duplex } from 'node:stream';

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly url: URL;
  /** At most `MOST_BODY` bytes; empty for GET. */
  readonly body: string;
}

type Handler = (asked: Asked) => Reply;
/** By path, then by method; HEAD is GET without a body. */
export type Routes = Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST', Handler>>>>>;

const MOST_BODY = 1024;
const MOST_CONNECTIONS = 64;

export const jsonReply = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
});

const problem = (status: number, error: string, headers: Record<string, string> = {}): Reply => ({
  ...jsonReply(status, { error }),
  headers,
});

/** Bounds that make an answer to abuse cheap: time for the head and the whole request, head size, connections. */
export const SERVER_OPTIONS: http.ServerOptions = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
};

/** Answers from memory only: a request never causes a look. */
export function serve(server: http.Server, routes: Routes): http.Server {
  server.maxConnections = MOST_CONNECTIONS;
  server.maxRequestsPerSocket = 1000;
  server.on('request', (request, response) => {
    respond(request, response, routes).catch(() => response.destroy());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable) return;
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

async function respond(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  routes: Routes,
): Promise<void> {
  const reply = await answer(request, routes);
  send(response, reply, request.method === 'HEAD');
}

async function answer(request: http.IncomingMessage, routes: Routes): Promise<Reply> {
  const url = URL.parse(request.url ?? '/', 'http://rollcall');
  if (url === null) return problem(400, 'this is no address');
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
  if (route === undefined)
    return problem(404, `there is nothing here; try ${Object.keys(routes).join(', ')}`);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler = method === 'GET' || method === 'POST' ? route[method] : undefined;
  if (handler === undefined) {
    const allow = Object.keys(route).flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
    return problem(405, 'this method is not for this address', { allow: allow.join(', ') });
  }
  const body = await bodyOf(request);
  if (body === null)
    return problem(413, `a body has at most ${MOST_BODY} bytes`, { connection: 'close' });
  return handler({ url, body });
}

async function bodyOf(request: http.IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > MOST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: http.ServerResponse, reply: Reply, isHead: boolean): void {
  response.writeHead(reply.status, {
    'content-type': reply.type,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...reply.headers,
  });
  response.end(isHead ? undefined : reply.body);
}

/** Ends a server now, also the connections that are idle or slow. */
export const closeServer = (server: http.Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
