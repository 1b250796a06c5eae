import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { totalmem } from 'node:os';
import { faultOf, applyFault } from './faults.ts';
import { lifecycle, MAX_CONTAINERS, type Lifecycle } from './lifecycle.ts';
import {
  BAD_REQUEST,
  CHUNKED_ABOVE_BYTES,
  failure,
  json,
  methodNotAllowed,
  NOT_FOUND,
  type GardenReply,
} from './reply.ts';
import { route, type Routed } from './routes.ts';
import type { GardenHooks, GardenState } from './state.ts';
import * as views from './views.ts';

const NO_HOOKS: GardenHooks = {
  create: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
};
const DISK_BYTES = 10 * 1024 ** 3;
const MAX_REQUEST_BYTES = 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    received += chunk.length;
    if (received > MAX_REQUEST_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Null: the handler panics, and Go closes the connection. */
async function replyTo(
  routed: Routed,
  state: GardenState,
  life: Lifecycle,
  request: IncomingMessage,
): Promise<GardenReply | null> {
  if (routed.kind === 'bad-request') return BAD_REQUEST;
  if (routed.kind === 'not-found') return NOT_FOUND;
  if (routed.kind === 'method-not-allowed') return methodNotAllowed(routed.allow);
  const { handle, key, query } = routed;
  const { withoutRuntime } = life;
  const handles = query.get('handles');
  switch (routed.name) {
    case 'ping':
      return json({});
    case 'capacity':
      return json({
        memory_in_bytes: totalmem(),
        disk_in_bytes: DISK_BYTES,
        schedulable_disk_in_bytes: DISK_BYTES,
        max_containers: state.maxContainers ?? MAX_CONTAINERS,
      });
    case 'list':
      return views.list(state, query);
    case 'create':
      return life.create(await bodyOf(request));
    case 'destroy':
      return life.destroy(handle);
    case 'info':
      return views.info(state, withoutRuntime, handle);
    // Both read the value of `handles` without checking that there is one.
    case 'bulkInfo':
      return handles === undefined ? null : views.bulkInfo(state, withoutRuntime, handles);
    case 'bulkMetrics':
      return handles === undefined ? null : views.bulkMetrics(state, withoutRuntime, handles);
    case 'metrics':
      return views.metrics(state, withoutRuntime, handle);
    case 'properties':
      return views.properties(state, handle);
    case 'property':
      return views.property(state, handle, key);
    case 'setProperty':
      return life.setProperty(handle, key, await bodyOf(request));
    case 'removeProperty':
      return life.removeProperty(handle, key);
    case 'bandwidthLimits':
    case 'cpuLimits':
    case 'diskLimits':
    case 'memoryLimits':
      return views.limits(state, handle);
    case 'attach':
    case 'bulkNetOut':
    case 'graceTime':
    case 'netIn':
    case 'netOut':
    case 'run':
    case 'stderr':
    case 'stdout':
    case 'stop':
    case 'streamIn':
    case 'streamOut':
      return failure(`this cell does not do ${routed.name}`);
  }
}

/**
 * Sends as Go does: with a length if the body fits Go's buffer, otherwise in chunks; without
 * `Connection: keep-alive`.
 */
function send(response: ServerResponse, reply: GardenReply): void {
  const length = Buffer.byteLength(reply.body);
  response.sendDate = false;
  if (response.shouldKeepAlive) response.removeHeader('Connection');
  response.writeHead(reply.status, {
    ...reply.headers,
    Date: new Date().toUTCString(),
    ...(length > CHUNKED_ABOVE_BYTES ? {} : { 'Content-Length': length }),
  });
  if (length > CHUNKED_ABOVE_BYTES) response.write(reply.body);
  response.end(length > CHUNKED_ABOVE_BYTES ? undefined : reply.body);
}

/**
 * A server for Garden's HTTP API that answers like the recorded gdn. Changes to `state` take effect
 * with the next answer.
 */
export function gardenApi(state: GardenState, hooks: GardenHooks = NO_HOOKS): Server {
  const life = lifecycle(state, hooks);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const routed = route(request.method ?? '', request.url ?? '');
    const name = routed.kind === 'route' ? routed.name : null;
    if (await applyFault(faultOf(state, name), name, response)) return;
    const reply = await replyTo(routed, state, life, request);
    if (reply === null) response.destroy();
    else send(response, reply);
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
