import { demoFailed } from '../cgroups/processes.ts';
import { request, type IncomingMessage, createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../../src/model/failure.ts';
import type { ContainerRecord } from '../cgroups/container-spec.ts';
import { createContainer, loseProperties, type Fault, type GardenState } from '../garden/state.ts';
import { has, parseOwn } from './config.ts';
import type { NetworkPluginMode } from './network-plugin.ts';
import type { ContainerRuntime } from './runtime.ts';
import { removeRecord, saveProperties } from './records.ts';

/** The driver's requests to the cell's gdn beside Garden's API. They use a socket of their own. */
export type ControlRequest =
  | { readonly do: 'ping' }
  /** In the order of Garden's API: first listed, then cgroups and processes, then created. */
  | { readonly do: 'create'; readonly record: ContainerRecord }
  | { readonly do: 'fill-pool'; readonly count: number }
  | { readonly do: 'forget'; readonly handle: string }
  | { readonly do: 'lose-properties'; readonly handle: string }
  | { readonly do: 'mount-cgroups'; readonly handle: string }
  | { readonly do: 'set-fault'; readonly fault: Fault; readonly on: GardenState['faultOn'] }
  | { readonly do: 'set-network-plugin'; readonly mode: NetworkPluginMode }
  | { readonly do: 'save-properties' };

interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly deadlineMilliseconds: number;
}

/** One HTTP request over a unix socket, on a connection of its own. */
export async function ask(
  socketPath: string,
  { method, path, body, deadlineMilliseconds }: Asked,
): Promise<{ readonly status: number; readonly body: string }> {
  const signal = AbortSignal.timeout(deadlineMilliseconds);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, method, path, signal, agent: false }, resolve)
      .on('error', (error) => {
        const late = new Error(`no answer within ${deadlineMilliseconds} ms`);
        reject(signal.aborted ? late : error);
      })
      .end(body);
  });
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** @throws KnownFailure DEMO_FAILED without an answer, and for one other than 200 */
export async function mustAsk(socketPath: string, asked: Asked): Promise<void> {
  const { method, path } = asked;
  const { status, body } = await ask(socketPath, asked).catch((error: unknown) => ({
    status: 0,
    body: messageOf(error),
  }));
  if (status === 200) return;
  const why = `${status} ${body.trim().slice(0, 500)}`;
  throw demoFailed(`the cell's gdn, ${method} ${path}: ${why}`);
}

const QUICK_DEADLINE_MILLISECONDS = 20_000;

export const control = (
  socketPath: string,
  order: ControlRequest,
  deadlineMilliseconds = QUICK_DEADLINE_MILLISECONDS,
): Promise<void> =>
  mustAsk(socketPath, {
    method: 'POST',
    path: `/${order.do}`,
    body: JSON.stringify(order),
    deadlineMilliseconds,
  });

/** Answers 200 when the request is done, 500 with the reason if it failed. */
export function controlServer(state: GardenState, runtime: ContainerRuntime): Server {
  return createServer((order, response) => {
    text(order)
      .then((body) => obey(parseOwn(body, has<ControlRequest>('do')), state, runtime))
      .then(() => response.writeHead(200).end())
      .catch((error: unknown) => response.writeHead(500).end(messageOf(error)));
  });
}

/** Synchronous requests are done on return, the others when the promise resolves. */
function obey(
  order: ControlRequest,
  state: GardenState,
  runtime: ContainerRuntime,
): Promise<void> | void {
  switch (order.do) {
    case 'ping':
      return;
    case 'create':
      return create(order.record, state, runtime);
    case 'fill-pool':
      return runtime.fillPool(order.count);
    case 'forget':
      state.containers.delete(order.handle);
      return removeRecord(order.handle);
    case 'lose-properties': {
      const container = state.containers.get(order.handle);
      if (container === undefined) throw new Error(`unknown handle: ${order.handle}`);
      return loseProperties(container);
    }
    case 'mount-cgroups':
      return runtime.mountCgroups(order.handle);
    case 'set-fault':
      state.fault = order.fault;
      state.faultOn = order.on;
      return;
    case 'set-network-plugin':
      runtime.networkPlugin.mode = order.mode;
      return;
    case 'save-properties':
      return saveProperties(state);
  }
}

/** The two kinds of directory are there before the handle is listed. */
async function create(
  record: ContainerRecord,
  state: GardenState,
  runtime: ContainerRuntime,
): Promise<void> {
  const { handle } = record;
  if (state.containers.has(handle)) throw new Error(`Handle '${handle}' already in use`);
  runtime.makeEarlyDirectories(record);
  await createContainer(state, record, {
    start: () => runtime.create(record),
    remove: () => runtime.destroy(handle),
  });
}
