import { demoFailed } from './processes.ts';
import { existsSync } from 'node:fs';
import {
  killBelow,
  makeDirectory,
  moveIfThere,
  pidsBelow,
  pidsIn,
  removeTree,
} from './cgroup-tree.ts';
import type { ContainerRecord } from './container-spec.ts';
import {
  badPath,
  containerPaths,
  everyPath,
  type CellShape,
  type RootedHierarchy,
} from './cgroup-paths.ts';

/** The cgroups of containers, and what Garden's runtime and a driver do with them. */
export class ContainerCgroups {
  readonly #shape: CellShape;
  readonly #hierarchies: readonly RootedHierarchy[];

  constructor(shape: CellShape, hierarchies: readonly RootedHierarchy[]) {
    this.#shape = shape;
    this.#hierarchies = hierarchies;
  }

  /** All its processes, including those of its peas. */
  pids(record: ContainerRecord): readonly number[] {
    return [...new Set(this.#directories(record).flatMap(pidsBelow))];
  }

  kill(record: ContainerRecord): Promise<void> {
    return killBelow(this.#directories(record));
  }

  async remove(record: ContainerRecord): Promise<void> {
    await this.kill(record);
    for (const directory of this.#directories(record)) await removeTree(directory);
  }

  /** Moves its processes to the cell's own cgroup of one controller, or of all (`all`). */
  moveOut(record: ContainerRecord, controller: string): void {
    for (const tree of controller === 'all' ? this.#hierarchies : [this.#treeOf(controller)]) {
      const cgroups = everyPath(tree, this.#shape, record).map((path) => tree.root + path);
      for (const pid of cgroups.flatMap(pidsBelow)) moveIfThere(tree.root, pid);
    }
  }

  /** Guardian moves a container to `bad` when it has used more than its share, and later back. */
  moveThrottled(record: ContainerRecord, where: 'good' | 'bad'): void {
    let moved = false;
    for (const tree of this.#hierarchies) {
      const bad = badPath(tree, this.#shape, record.handle);
      if (bad === null) continue;
      const good = containerPaths(tree, this.#shape, record).processes;
      const [from, to] = where === 'bad' ? [good, bad] : [bad, good];
      makeDirectory(tree.root + to);
      for (const pid of pidsIn(tree.root + from)) moveIfThere(tree.root + to, pid);
      moved = true;
    }
    if (!moved) {
      throw demoFailed('only a cell of layout throttled has good and bad');
    }
  }

  #treeOf(controller: string): RootedHierarchy {
    const tree = this.#hierarchies.find(
      ({ key, controllers }) => key === controller || controllers.includes(controller),
    );
    if (tree !== undefined) return tree;
    const known = this.#hierarchies.map(({ key }) => key).join(', ');
    throw demoFailed(`this cell does not mount ${controller}: it has ${known}`);
  }

  #directories(record: ContainerRecord): readonly string[] {
    return this.#hierarchies.flatMap((tree) =>
      everyPath(tree, this.#shape, record)
        .map((path) => tree.root + path)
        .filter((directory) => existsSync(directory)),
    );
  }
}
