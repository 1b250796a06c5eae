import { existsSync } from 'node:fs';
import { killBelow, makeDirectory, moveInto, removeTree } from './cgroup-tree.ts';
import { launchBeside, launchInit, launchPlain, type Launch } from './container-launch.ts';
import { makeRoot, mountCgroups, removeRoot } from './container-roots.ts';
import type { Recipe } from './container-spec.ts';
import type { GdnConfiguration } from './gdn-config.ts';
import { forgetRecord, record } from './gdn-records.ts';
import { badPlace, containerPlace, directoriesAtStart, everyPlace, peaPlace } from './places.ts';
import { APP_LAUNCHER, ENVOY, GARDEN_INIT, HEALTH_CHECK } from './programs.ts';

/** The runtime's part of a creation and of a destruction: cgroups, processes, mounts. */
export class ContainerRuntime {
  readonly #configuration: GdnConfiguration;
  /** Processes started beforehand, for cheap containers. */
  readonly #pool: number[] = [];

  constructor(configuration: GdnConfiguration) {
    this.#configuration = configuration;
  }

  /** What `gdn setup` does. */
  prepare(): void {
    const { shape, hierarchies } = this.#configuration;
    for (const tree of hierarchies) {
      for (const place of directoriesAtStart(tree, shape)) makeDirectory(tree.root + place);
    }
  }

  async fillPool(count: number): Promise<void> {
    this.#pool.push(...(await launchPlain(count)));
  }

  /** The two kinds of directory that were seen before the handle is listed; both are empty then. */
  makeEarlyDirectories(recipe: Recipe): void {
    const { shape, hierarchies } = this.#configuration;
    for (const tree of hierarchies) {
      const bad = badPlace(tree, shape, recipe.handle);
      if (bad !== null) makeDirectory(tree.root + bad);
      const { directory, processes } = containerPlace(tree, shape, recipe);
      if (processes !== directory) makeDirectory(tree.root + directory);
    }
  }

  async create(recipe: Recipe): Promise<void> {
    const { shape, hierarchies, containerMounts } = this.#configuration;
    record(recipe);
    const root = recipe.cheap && !containerMounts ? null : await makeRoot(recipe);
    const cgroups = hierarchies.map(
      (tree) => tree.root + containerPlace(tree, shape, recipe).processes,
    );
    cgroups.forEach(makeDirectory);
    if (recipe.cheap) await this.#placePlain(cgroups);
    else await this.#startProcesses(recipe, root, cgroups);
    if (containerMounts) await mountCgroups(recipe, this.#configuration);
  }

  async #placePlain(cgroups: readonly string[]): Promise<void> {
    const pid = this.#pool.pop() ?? (await launchPlain(1))[0] ?? 0;
    await moveInto(cgroups, pid);
  }

  async #startProcesses(
    recipe: Recipe,
    root: string | null,
    cgroups: readonly string[],
  ): Promise<void> {
    const { shape, hierarchies } = this.#configuration;
    const base = { handle: recipe.handle, root, arguments: '', cgroups };
    const init = await launchInit({ ...base, program: GARDEN_INIT }, shape.runtime);
    if (init === null) return;
    const app = { ...base, program: APP_LAUNCHER, arguments: `app ${recipe.appName}` };
    const beside: Launch[] = Array.from({ length: recipe.processes }, () => app);
    for (const pea of recipe.peas) {
      const places = hierarchies.map((tree) => tree.root + peaPlace(tree, shape, recipe, pea));
      const program = pea === 'envoy' ? ENVOY : HEALTH_CHECK;
      beside.push({ ...base, program, cgroups: places });
    }
    for (const inner of recipe.nested) {
      const places = hierarchies.map(
        (tree) => `${tree.root}${containerPlace(tree, shape, recipe).directory}/garden/${inner}`,
      );
      beside.push({ ...app, cgroups: places });
    }
    for (const launch of beside) {
      launch.cgroups.forEach(makeDirectory);
      await launchBeside(launch, init);
    }
  }

  /** Processes first, then cgroups, then the root filesystem. */
  async destroy(recipe: Recipe): Promise<void> {
    const { shape, hierarchies } = this.#configuration;
    const directories = hierarchies.flatMap((tree) =>
      everyPlace(tree, shape, recipe)
        .map((place) => tree.root + place)
        .filter((directory) => existsSync(directory)),
    );
    await killBelow(directories);
    for (const directory of directories) await removeTree(directory);
    await removeRoot(recipe);
    forgetRecord(recipe.handle);
  }
}
