import { existsSync, mkdirSync } from 'node:fs';
import { execa } from 'execa';
import type { Recipe } from './container-spec.ts';
import { gardenApi, listen, type CreateSpec, type GardenState } from './garden-api.ts';
import {
  BOX_HOME,
  CONTROL_SOCKET,
  GARDEN_HOME,
  GARDEN_SOCKET,
  isGdnConfiguration,
} from './gdn-config.ts';
import { ContainerRuntime } from './gdn-containers.ts';
import { controlServer } from './gdn-control.ts';
import { containersAtStart, recordedRecipes } from './gdn-records.ts';
import { parseOwn } from './own-json.ts';
import { installPrograms, NOTHING } from './programs.ts';
import { CELL_ENVIRONMENT } from './shell-text.ts';

const MAX_CONTAINERS = 5_000;

/** The cell's Garden: the embedded API with a runtime behind it that makes real cgroups and processes. */
export async function runGdn(configurationText: string): Promise<void> {
  becomeGdn();
  const configuration = parseOwn(configurationText, isGdnConfiguration);
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
    create: (spec) => {
      const recipe = recipes.get(spec.handle) ?? recipeOfStranger(spec);
      recipes.set(spec.handle, recipe);
      return runtime.create(recipe);
    },
    destroy: async (handle) => {
      const recipe = recipes.get(handle);
      if (recipe !== undefined) await runtime.destroy(recipe);
      recipes.delete(handle);
    },
  });
  await listen(api, GARDEN_SOCKET);
  await listen(controlServer({ state, recipes, runtime }), CONTROL_SOCKET);
}

/** Its name is what an observer finds it by. A title of node's becomes the name of the process too, on Linux. */
function becomeGdn(): void {
  process.title = 'gdn';
}

async function makeHome(): Promise<void> {
  for (const directory of [GARDEN_HOME, BOX_HOME]) mkdirSync(directory, { recursive: true });
  installPrograms();
  if (existsSync(NOTHING)) return; // gdn was here before and was killed
  await execa('mkfifo', [NOTHING], { env: CELL_ENVIRONMENT, extendEnv: false });
}

/** A container that somebody made over the API directly. */
const recipeOfStranger = ({ handle, privileged, properties }: CreateSpec): Recipe => ({
  handle,
  privileged,
  properties,
  peas: [],
  processes: 1,
  appName: 'app',
  cheap: false,
  nested: [],
});
