import type { ContainerRecord, Pea } from './container-spec.ts';
import type { Hierarchy } from '../../../src/model/hierarchy.ts';
import type { CellMode } from './hierarchies.ts';

/** The options that decide where Garden puts a container's cgroups. */
export interface CellShape {
  readonly mode: CellMode;
  /** `throttled` is garden.cpu_throttling: `good` and `bad` are above the container. */
  readonly layout: 'plain' | 'throttled';
  readonly runtime: 'runc' | 'containerd';
}

/** A hierarchy seen from one side: `root` is the directory of the cell's own cgroup there. */
export interface RootedHierarchy extends Omit<Hierarchy, 'device'> {
  readonly key: string;
  readonly root: string;
}

export type PathInputs = Pick<ContainerRecord, 'handle' | 'privileged'>;

type Tree = Omit<RootedHierarchy, 'root' | 'key'>;

/** systemd gives garden.service its own cgroup only in these; in the others it stays at the top. */
const OF_THE_UNIT = new Set(['memory', 'cpu', 'cpuacct', 'pids', 'devices', 'blkio']);

/** The service's cgroup, below the cell's own, which contains gdn, dadoo and the shims. */
export const servicePath = (tree: Tree): string =>
  tree.version === 2 || tree.name !== null || tree.controllers.some((one) => OF_THE_UNIT.has(one))
    ? '/system.slice/garden.service'
    : '';

/** runc counts a v2 path from the top (guardian command_linux.go:268), even on a hybrid host. */
const gardenDirectory = (tree: Tree): string =>
  tree.version === 2 ? '/garden' : `${servicePath(tree)}/garden`;

const parentOfContainers = (tree: Tree, shape: CellShape): string =>
  shape.layout === 'throttled' ? `${gardenDirectory(tree)}/good` : gardenDirectory(tree);

/** Guardian throttles where the cpu controller is: in `cpu` on v1, in the single tree on v2. */
const isThrottledTree = (tree: Tree, shape: CellShape): boolean =>
  shape.mode === 'v2' ? tree.version === 2 : tree.controllers.includes('cpu');

/** The directories that `gdn setup` makes. On a hybrid host runc makes those of v2 later. */
export function directoriesAtStart(tree: Tree, shape: CellShape): readonly string[] {
  if (tree.version === 2 && shape.mode === 'hybrid') return [servicePath(tree)];
  const bad = `${gardenDirectory(tree)}/bad`;
  return [
    servicePath(tree),
    parentOfContainers(tree, shape),
    ...(shape.layout === 'throttled' && isThrottledTree(tree, shape) ? [bad] : []),
  ];
}

export interface ContainerPaths {
  /** The directory named after the handle. */
  readonly directory: string;
  /** The same, or `init` below it (guardian cgroup_manager_linux.go:17). */
  readonly processes: string;
}

export function containerPaths(
  tree: Tree,
  shape: CellShape,
  container: PathInputs,
): ContainerPaths {
  const { handle, privileged } = container;
  if (privileged) {
    // Guardian sets no path (cgroup_path.go:15), so runc uses its default: beside its own cgroup.
    const parent =
      tree.version === 1 ? servicePath(tree) : shape.mode === 'v2' ? '/system.slice' : '';
    return { directory: `${parent}/${handle}`, processes: `${parent}/${handle}` };
  }
  const directory = `${parentOfContainers(tree, shape)}/${handle}`;
  const hasLeaf = shape.mode === 'v2' && shape.runtime === 'containerd';
  return { directory, processes: hasLeaf ? `${directory}/init` : directory };
}

/** Where a throttled container moves to; each handle has one, empty at first. Null: none. */
export const badPath = (tree: Tree, shape: CellShape, handle: string): string | null =>
  shape.layout === 'throttled' && isThrottledTree(tree, shape)
    ? `${gardenDirectory(tree)}/bad/${handle}`
    : null;

const peaName = (handle: string, pea: Pea): string =>
  pea === 'envoy' ? `${handle}-envoy` : `${handle}-liveness-healthcheck-0`;

/** Envoy is below its container; a health check with limits beside it (pea_creator.go:130-134). */
export function peaPath(tree: Tree, shape: CellShape, container: PathInputs, pea: Pea): string {
  const { directory } = containerPaths(tree, shape, container);
  const name = peaName(container.handle, pea);
  return pea === 'envoy' && !container.privileged
    ? `${directory}/${name}`
    : `${directory.slice(0, directory.lastIndexOf('/'))}/${name}`;
}

/** Every directory with a container's name: its own, those of its peas, and `bad`. */
export function everyPath(
  tree: Tree,
  shape: CellShape,
  container: PathInputs & Pick<ContainerRecord, 'peas'>,
): readonly string[] {
  const bad = badPath(tree, shape, container.handle);
  return [
    ...container.peas.map((pea) => peaPath(tree, shape, container, pea)),
    containerPaths(tree, shape, container).directory,
    ...(bad === null ? [] : [bad]),
  ];
}
