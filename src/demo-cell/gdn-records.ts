import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { errnoOf } from './cgroup-tree.ts';
import { isRecipe, type Recipe } from './container-spec.ts';
import { parseOwn } from './own-json.ts';
import { DEPOT, SAVED_PROPERTIES } from './gdn-config.ts';
import type { GardenContainer, GardenState } from './garden-state.ts';

/**
 * What outlives gdn. Its containers are found again by the names in the depot, as Garden finds them; each holds the
 * recipe, which stands for what runc's own state tells a real Garden.
 */
export function record(recipe: Recipe): void {
  mkdirSync(`${DEPOT}/${recipe.handle}`, { recursive: true });
  writeFileSync(recipeFile(recipe.handle), JSON.stringify(recipe));
}

export const forgetRecord = (handle: string): void => {
  rmSync(`${DEPOT}/${handle}`, { recursive: true, force: true });
};

export function recordedRecipes(): readonly Recipe[] {
  mkdirSync(DEPOT, { recursive: true });
  return readdirSync(DEPOT).map((handle) =>
    parseOwn(readFileSync(recipeFile(handle), 'utf8'), isRecipe),
  );
}

const recipeFile = (handle: string): string => `${DEPOT}/${handle}/recipe.json`;

type Saved = Readonly<Record<string, Pick<GardenContainer, 'properties' | 'created'>>>;

/** A graceful stop writes the properties down (guardiancmd/server.go:318); a kill leaves them in a memory that is gone. */
export function saveProperties(state: GardenState): void {
  const saved = Object.fromEntries(
    [...state.containers].map(([handle, { properties, created }]) => [
      handle,
      { properties, created },
    ]),
  );
  const unfinished = `${SAVED_PROPERTIES}.new`;
  writeFileSync(unfinished, JSON.stringify(saved));
  renameSync(unfinished, SAVED_PROPERTIES);
}

/** The containers as a starting gdn knows them. What was saved is used once: a later kill must lose what came after. */
export function containersAtStart(recipes: readonly Recipe[]): Map<string, GardenContainer> {
  const saved = new Map(Object.entries(takeSaved()));
  return new Map(
    recipes.map(({ handle }) => {
      const { properties, created } = saved.get(handle) ?? { properties: null, created: false };
      return [handle, { handle, properties, created }];
    }),
  );
}

function takeSaved(): Saved {
  try {
    const saved = parseOwn(readFileSync(SAVED_PROPERTIES, 'utf8'), isSaved);
    rmSync(SAVED_PROPERTIES);
    return saved;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return {};
    throw error;
  }
}

const isSaved = (value: unknown): value is Saved => typeof value === 'object' && value !== null;
