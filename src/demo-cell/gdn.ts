import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { errnoOf } from './cgroup-tree.ts';
import { exchange, type ControlRequest } from './control.ts';
import type { Recipe } from './container-spec.ts';
import { gardenApi, listen, type GardenState } from './garden-api.ts';
import {
  BOX_HOME,
  CONTROL_SOCKET,
  GARDEN_HOME,
  GARDEN_SOCKET,
  type GdnConfiguration,
} from './gdn-config.ts';
import { ContainerRuntime } from './gdn-containers.ts';
import { containersAtStart, forgetRecord, recordedRecipes, saveProperties } from './gdn-records.ts';
import { installPrograms, NOTHING } from './programs.ts';
import { CELL_ENVIRONMENT } from './shell-text.ts';

const MAX_CONTAINERS = 5_000;
const CREATE_DEADLINE_MILLISECONDS = 30_000;

/** The cell's Garden: the embedded API with a runtime behind it that makes real cgroups and processes. */
export async function runGdn(configurationText: string): Promise<void> {
  becomeGdn();
  // Written by the driver of the same version.
  const configuration = JSON.parse(configurationText) as GdnConfiguration;
  await makeHome();
  const runtime = new ContainerRuntime(configuration);
  runtime.prepare();
  const recipes = new Map(recordedRecipes().map((recipe) => [recipe.handle, recipe]));
  const state: GardenState = {
    containers: containersAtStart([...recipes.values()]),
    fault: { kind: 'none' },
    faultOn: 'all',
    maxContainers: MAX_CONTAINERS,
  };
  const api = gardenApi(state, {
    create: ({ handle, privileged, properties }) => {
      const recipe = recipes.get(handle) ?? plainRecipe(handle, privileged, properties);
      recipes.set(handle, recipe);
      return runtime.create(recipe);
    },
    destroy: async (handle) => {
      const recipe = recipes.get(handle);
      if (recipe !== undefined) await runtime.destroy(recipe);
      recipes.delete(handle);
    },
  });
  await listen(api, GARDEN_SOCKET);
  const obey = async (order: ControlRequest): Promise<void> => {
    switch (order.do) {
      case 'ping':
        return;
      case 'create': {
        const { handle, properties, privileged } = order.recipe;
        if (!state.containers.has(handle)) recipes.set(handle, order.recipe);
        runtime.makeEarlyDirectories(order.recipe);
        const body = { handle, properties, privileged };
        await exchange(GARDEN_SOCKET, 'POST', '/containers', body, CREATE_DEADLINE_MILLISECONDS);
        return;
      }
      case 'fill-pool':
        return runtime.fillPool(order.count);
      case 'forget':
        state.containers.delete(order.handle);
        recipes.delete(order.handle);
        return forgetRecord(order.handle);
      case 'lose-properties': {
        const container = state.containers.get(order.handle);
        if (container === undefined) throw new Error(`unknown handle: ${order.handle}`);
        container.properties = null;
        // `garden.state` is a property like the others.
        container.created = false;
        return;
      }
      case 'set-fault':
        state.fault = order.fault;
        state.faultOn = order.on;
        return;
      case 'save-properties':
        return saveProperties(state);
    }
  };
  await listen(controlServer(obey), CONTROL_SOCKET);
}

/** Its name is what an observer finds it by; node's own threads must not show first. */
function becomeGdn(): void {
  process.title = 'gdn';
  writeFileSync('/proc/self/comm', 'gdn');
}

async function makeHome(): Promise<void> {
  for (const directory of [GARDEN_HOME, BOX_HOME, '/var/vcap/sys/log/garden']) {
    mkdirSync(directory, { recursive: true });
  }
  installPrograms();
  if (existsSync(NOTHING)) return; // gdn was here before and was killed
  await execa('mkfifo', [NOTHING], { env: CELL_ENVIRONMENT, extendEnv: false });
}

/** A container that somebody made over the API directly. */
const plainRecipe = (
  handle: string,
  privileged: boolean,
  properties: Readonly<Record<string, string>>,
): Recipe => ({
  handle,
  privileged,
  properties,
  peas: [],
  processes: 1,
  appName: 'app',
  cheap: false,
  nested: [],
});

function controlServer(
  obey: (order: ControlRequest) => Promise<void>,
): ReturnType<typeof createServer> {
  return createServer((request, response) => {
    text(request)
      .then((body) => obey(JSON.parse(body) as ControlRequest))
      .then(() => response.writeHead(200).end())
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        response.writeHead(500).end(`${why} ${errnoOf(error)}`.trim());
      });
  });
}
