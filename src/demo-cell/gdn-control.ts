import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Recipe } from './container-spec.ts';
import { exchange, isControlRequest, type ControlRequest } from './control.ts';
import type { GardenState } from './garden-api.ts';
import { GARDEN_SOCKET } from './gdn-config.ts';
import type { ContainerRuntime } from './gdn-containers.ts';
import { forgetRecord, saveProperties } from './gdn-records.ts';
import { parseOwn } from './own-json.ts';

const CREATE_DEADLINE_MILLISECONDS = 30_000;

/** What the driver can reach in gdn. */
export interface GdnParts {
  readonly state: GardenState;
  readonly recipes: Map<string, Recipe>;
  readonly runtime: ContainerRuntime;
}

/** The server behind the control socket: 200 when it is done, 500 with the reason when it failed. */
export function controlServer(parts: GdnParts): Server {
  return createServer((request, response) => {
    text(request)
      .then((body) => obey(parseOwn(body, isControlRequest), parts))
      .then(() => response.writeHead(200).end())
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        response.writeHead(500).end(why);
      });
  });
}

/** Synchronous orders are done when it returns, the others when the promise resolves. */
function obey(order: ControlRequest, parts: GdnParts): Promise<void> | void {
  const { state, recipes, runtime } = parts;
  switch (order.do) {
    case 'ping':
      return;
    case 'create':
      return create(order.recipe, parts);
    case 'fill-pool':
      return runtime.fillPool(order.count);
    case 'forget':
      state.containers.delete(order.handle);
      recipes.delete(order.handle);
      return forgetRecord(order.handle);
    case 'lose-properties':
      return loseProperties(order.handle, state);
    case 'set-fault':
      state.fault = order.fault;
      state.faultOn = order.on;
      return;
    case 'save-properties':
      return saveProperties(state);
  }
}

/** By Garden's own door, so that the order of a creation is the API's. */
async function create(recipe: Recipe, { state, recipes, runtime }: GdnParts): Promise<void> {
  const { handle, properties, privileged } = recipe;
  if (!state.containers.has(handle)) {
    recipes.set(handle, recipe);
    runtime.makeEarlyDirectories(recipe);
  }
  const body = { handle, properties, privileged };
  await exchange(GARDEN_SOCKET, 'POST', '/containers', body, CREATE_DEADLINE_MILLISECONDS);
}

function loseProperties(handle: string, state: GardenState): void {
  const container = state.containers.get(handle);
  if (container === undefined) throw new Error(`unknown handle: ${handle}`);
  container.properties = null;
  // `garden.state` is a property like the others.
  container.created = false;
}
