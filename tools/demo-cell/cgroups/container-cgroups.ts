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
export function containerCgroups(shape: CellShape, hierarchies: readonly RootedHierarchy[]) {
  /** All its processes, including those of its peas. */
  function pids(record: ContainerRecord): readonly number[] {
    return [...new Set(directories(record).flatMap(pidsBelow))];
  }

  function kill(record: ContainerRecord): Promise<void> {
    return killBelow(directories(record));
  }

  async function remove(record: ContainerRecord): Promise<void> {
    await kill(record);
    for (const directory of directories(record)) await removeTree(directory);
  }

  /** Moves its processes to the cell's own cgroup of one controller, or of all (`all`). */
  function moveOut(record: ContainerRecord, controller: string): void {
    for (const tree of controller === 'all' ? hierarchies : [treeOf(controller)]) {
      const cgroups = everyPath(tree, shape, record).map((path) => tree.root + path);
      for (const pid of cgroups.flatMap(pidsBelow)) moveIfThere(tree.root, pid);
    }
  }

  /** Guardian moves a container to `bad` when it has used more than its share, and later back. */
  function moveThrottled(record: ContainerRecord, where: 'good' | 'bad'): void {
    let moved = false;
    for (const tree of hierarchies) {
      const bad = badPath(tree, shape, record.handle);
      if (bad === null) continue;
      const good = containerPaths(tree, shape, record).processes;
      const [from, to] = where === 'bad' ? [good, bad] : [bad, good];
      makeDirectory(tree.root + to);
      for (const pid of pidsIn(tree.root + from)) moveIfThere(tree.root + to, pid);
      moved = true;
    }
    if (!moved) {
      throw demoFailed('only a cell of layout throttled has good and bad');
    }
  }

  function treeOf(controller: string): RootedHierarchy {
    const tree = hierarchies.find(
      ({ key, controllers }) => key === controller || controllers.includes(controller),
    );
    if (tree !== undefined) return tree;
    const known = hierarchies.map(({ key }) => key).join(', ');
    throw demoFailed(`this cell does not mount ${controller}: it has ${known}`);
  }

  function directories(record: ContainerRecord): readonly string[] {
    return hierarchies.flatMap((tree) =>
      everyPath(tree, shape, record)
        .map((path) => tree.root + path)
        .filter((directory) => existsSync(directory)),
    );
  }

  return { pids, kill, remove, moveOut, moveThrottled };
}
