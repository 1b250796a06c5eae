import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../../../src/model/failure.ts';
import { askedBy, type Asked } from './requests.ts';
import { shownProperties, type GardenContainer, type GardenState } from './state.ts';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer of Garden, as JSON. */
type Reply = { readonly status: number; readonly value: unknown };

const ok = (value: unknown): Reply => ({ status: 200, value });

const failure = (Message: string, change: { Type?: string; Handle?: string } = {}): Reply => ({
  status: change.Type === undefined ? 500 : 404,
  value: { Type: '', Message, Handle: '', ProcessID: '', Binary: '', ...change },
});

/** Every filter must match exactly; a missing property equals an empty text. */
function list({ containers }: GardenState, query: ReadonlyMap<string, string>): Reply {
  const filters = new Map([['garden.state', 'created'], ...query]);
  if (filters.get('garden.state') === 'all') filters.delete('garden.state');
  const found = [...containers.values()].filter((container) => {
    const shown = new Map(Object.entries(shownProperties(container) ?? {}));
    return [...filters].every(([key, value]) => (shown.get(key) ?? '') === value);
  });
  return ok({ Handles: found.map(({ handle }) => handle).toSorted() });
}

/** An unknown handle has no properties, which is not an error. Go sorts the keys of a map. */
function properties({ containers }: GardenState, handle: string): Reply {
  const container = containers.get(handle);
  const shown = container === undefined ? null : shownProperties(container);
  if (shown === null) return ok(null);
  return ok(Object.fromEntries(Object.entries(shown).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** Ends a container while its handle is listed; a rejection leaves it listed. */
export type RemoveContainer = (handle: string) => Promise<void>;

const underDestruction = new WeakSet<GardenContainer>();

async function destroy(
  { containers }: GardenState,
  handle: string,
  remove: RemoveContainer,
): Promise<Reply> {
  const container = containers.get(handle);
  if (container === undefined) {
    const unknown = { Type: 'ContainerNotFoundError', Handle: handle };
    return failure(`unknown handle: ${handle}`, unknown);
  }
  if (underDestruction.has(container)) return failure('container already being destroyed');
  underDestruction.add(container);
  try {
    await remove(handle);
    containers.delete(handle);
    return ok({});
  } catch (error) {
    // Garden returns the errors of a destroy as a list.
    return failure(`1 error occurred:\n\t* ${messageOf(error)}\n\n`);
  } finally {
    underDestruction.delete(container);
  }
}

/** The buffer size of Go's net/http, which sends a longer body in chunks. */
const CHUNKED_ABOVE_BYTES = 2048;

/** Sends as Go does: without `Connection: keep-alive`, with a length if the body fits the buffer. */
function send(response: ServerResponse, { status, value }: Reply): void {
  // Go's encoder ends with a newline.
  const body = `${JSON.stringify(value)}\n`;
  const length = Buffer.byteLength(body);
  const isChunked = length > CHUNKED_ABOVE_BYTES;
  response.sendDate = false;
  if (response.shouldKeepAlive) response.removeHeader('Connection');
  response.writeHead(status, {
    'Content-Type': 'application/json',
    Date: new Date().toUTCString(),
    ...(isChunked ? {} : { 'Content-Length': length }),
  });
  if (isChunked) response.write(body);
  response.end(isChunked ? undefined : body);
}

/** Answers as the recorded gdn does, at once by `state`; only the driver creates containers. */
export function gardenApi(state: GardenState, remove: RemoveContainer): Server {
  const replies: Readonly<Record<Asked['name'], (asked: Asked) => Reply | Promise<Reply>>> = {
    ping: () => ok({}),
    list: ({ query }) => list(state, query),
    properties: ({ handle }) => properties(state, handle),
    destroy: ({ handle }) => destroy(state, handle, remove),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = askedBy(request.method ?? '', request.url ?? '');
    if (await applyFault(state, asked?.name ?? null, response)) return;
    if (asked === null) response.writeHead(404).end('404 page not found\n');
    else send(response, await replies[asked.name](asked));
  };
  const server = createServer((request, response) => {
    // A client that disconnects during its request or the answer is not an error.
    answer(request, response).catch(() => response.destroy());
  });
  // Go keeps idle connections open forever.
  server.keepAliveTimeout = 0;
  return server;
}

/** Listens as gdn does: replaces the socket of an earlier run, and lets every user connect. */
export async function listen(server: Server, socketPath: string): Promise<void> {
  const stat = lstatSync(socketPath, { throwIfNoEntry: false });
  if (stat?.isSocket() === true) rmSync(socketPath);
  server.listen(socketPath);
  await once(server, 'listening');
  chmodSync(socketPath, 0o777);
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Sends a faulty answer or none; false if the request gets its usual answer. */
async function applyFault(
  { fault, faultOn }: GardenState,
  name: Asked['name'] | null,
  response: ServerResponse,
): Promise<boolean> {
  if (faultOn !== 'all' && faultOn !== name) return false;
  switch (fault.kind) {
    case 'none':
      return false;
    case 'hang':
      return true;
    case 'slow':
      await sleep(fault.milliseconds);
      return false;
    case 'garbage':
      response.socket?.end('\u0000\u0001 this is no HTTP \u0002\r\n\r\n');
      return true;
    case 'status':
      response.writeHead(fault.status, JSON_TYPE).end(fault.body);
      return true;
    case 'half-body':
      response.writeHead(200, { ...JSON_TYPE, 'Content-Length': '1000' });
      response.write('{"Handles":["a2', () => response.destroy());
      return true;
  }
}
