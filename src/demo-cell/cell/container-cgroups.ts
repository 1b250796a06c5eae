import { existsSync } from 'node:fs';
import { KnownFailure } from '../../model/failure.ts';
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

/** What can be done to a container from the machine, behind Garden's back. */
export class ContainerCgroups {
  readonly #shape: CellShape;
  readonly #hierarchies: readonly RootedHierarchy[];

  constructor(shape: CellShape, hierarchies: readonly RootedHierarchy[]) {
    this.#shape = shape;
    this.#hierarchies = hierarchies;
  }

  /** All its processes, those of its peas too, as the machine numbers them. */
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

  /** Moves its processes to the cell's own cgroup in the hierarchy of this controller, or in all (`all`). */
  moveOut(record: ContainerRecord, controller: string): void {
    for (const tree of controller === 'all' ? this.#hierarchies : [this.#treeOf(controller)]) {
      const cgroups = everyPath(tree, this.#shape, record).map((path) => tree.root + path);
      for (const pid of cgroups.flatMap(pidsBelow)) moveIfThere(tree.root, pid);
    }
  }

  /** From good to bad: what guardian's throttling does with a container that used more CPU than its share. */
  throttle(record: ContainerRecord): void {
    this.#move(record, (good, bad) => ({ from: good, to: bad }));
  }

  unthrottle(record: ContainerRecord): void {
    this.#move(record, (good, bad) => ({ from: bad, to: good }));
  }

  #move(
    record: ContainerRecord,
    choose: (good: string, bad: string) => { readonly from: string; readonly to: string },
  ): void {
    let moved = false;
    for (const tree of this.#hierarchies) {
      const bad = badPath(tree, this.#shape, record.handle);
      if (bad === null) continue;
      const good = containerPaths(tree, this.#shape, record).processes;
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

  #directories(record: ContainerRecord): readonly string[] {
    return this.#hierarchies.flatMap((tree) =>
      everyPath(tree, this.#shape, record)
        .map((path) => tree.root + path)
        .filter((directory) => existsSync(directory)),
    );
  }
}
