import { existsSync } from 'node:fs';
import { KnownFailure } from '../model/failure.ts';
import {
  killBelow,
  makeDirectory,
  moveIfThere,
  pidsBelow,
  pidsIn,
  removeTree,
} from './cgroup-tree.ts';
import type { Recipe } from './container-spec.ts';
import {
  badPlace,
  containerPlace,
  everyPlace,
  type CellShape,
  type RootedHierarchy,
} from './places.ts';

/** What can be done to a container from the machine, behind Garden's back. */
export class ContainerCgroups {
  readonly #shape: CellShape;
  readonly #hierarchies: readonly RootedHierarchy[];

  constructor(shape: CellShape, hierarchies: readonly RootedHierarchy[]) {
    this.#shape = shape;
    this.#hierarchies = hierarchies;
  }

  /** All its processes, those of its peas too, as the machine numbers them. */
  pids(recipe: Recipe): readonly number[] {
    return [...new Set(this.#directories(recipe).flatMap(pidsBelow))];
  }

  kill(recipe: Recipe): Promise<void> {
    return killBelow(this.#directories(recipe));
  }

  async remove(recipe: Recipe): Promise<void> {
    await this.kill(recipe);
    for (const directory of this.#directories(recipe)) await removeTree(directory);
  }

  /** Moves its processes to the cell's own cgroup in the hierarchy of this controller, or in all (`all`). */
  moveOut(recipe: Recipe, controller: string): void {
    for (const tree of controller === 'all' ? this.#hierarchies : [this.#treeOf(controller)]) {
      const places = everyPlace(tree, this.#shape, recipe).map((place) => tree.root + place);
      for (const pid of places.flatMap(pidsBelow)) moveIfThere(tree.root, pid);
    }
  }

  /** From good to bad: what guardian's throttling does with a container that used more CPU than its share. */
  punish(recipe: Recipe): void {
    this.#throttle(recipe, (good, bad) => ({ from: good, to: bad }));
  }

  release(recipe: Recipe): void {
    this.#throttle(recipe, (good, bad) => ({ from: bad, to: good }));
  }

  #throttle(
    recipe: Recipe,
    choose: (good: string, bad: string) => { readonly from: string; readonly to: string },
  ): void {
    let moved = false;
    for (const tree of this.#hierarchies) {
      const bad = badPlace(tree, this.#shape, recipe.handle);
      if (bad === null) continue;
      const good = containerPlace(tree, this.#shape, recipe).processes;
      const { from, to } = choose(tree.root + good, tree.root + bad);
      makeDirectory(to);
      for (const pid of pidsIn(from)) moveIfThere(to, pid);
      moved = true;
    }
    if (!moved) {
      throw new KnownFailure('DEMO_FAILED', 'only a cell of layout throttled has good and bad');
    }
  }

  #treeOf(controller: string): RootedHierarchy {
    const tree = this.#hierarchies.find(
      ({ key, controllers }) => key === controller || controllers.includes(controller),
    );
    if (tree !== undefined) return tree;
    const known = this.#hierarchies.map(({ key }) => key).join(', ');
    throw new KnownFailure(
      'DEMO_FAILED',
      `this cell does not mount ${controller}: it has ${known}`,
    );
  }

  #directories(recipe: Recipe): readonly string[] {
    return this.#hierarchies.flatMap((tree) =>
      everyPlace(tree, this.#shape, recipe)
        .map((place) => tree.root + place)
        .filter((directory) => existsSync(directory)),
    );
  }
}
