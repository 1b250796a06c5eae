import { watchEvents } from './children.ts';
import { makeDirectory, moveInto } from '../cgroups/cgroup-tree.ts';
import { containerCgroups } from '../cgroups/container-cgroups.ts';
import { launchBeside, launchInit, launchPlain, type Launch } from './launch.ts';
import type { ContainerRecord } from '../cgroups/container-spec.ts';
import { type GdnConfiguration, IMAGE_STORE } from './config.ts';
import { NetworkPlugin, SHARED_ADDRESS } from './network-plugin.ts';
import { readRecord, removeRecord, writeRecord } from './records.ts';
import {
  badPath,
  containerPaths,
  directoriesAtStart,
  peaPath,
  type PathInputs,
  type RootedHierarchy,
} from '../cgroups/cgroup-paths.ts';
import {
  APP_LAUNCHER,
  ENVOY,
  GARDEN_INIT,
  HEALTH_CHECK,
  LAYER,
  ONLY_CELL_ENVIRONMENT,
} from './programs.ts';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { execa } from 'execa';

/** The runtime's part in creations and destroys: cgroups, processes and mounts. */
export class ContainerRuntime {
  readonly networkPlugin: NetworkPlugin;
  readonly #configuration: GdnConfiguration;
  /** Processes started in advance, for cheap containers. */
  readonly #pool: number[] = [];
  /** What ends the runc that watches a container, by its handle. */
  readonly #watchers = new Map<string, () => void>();

  constructor(configuration: GdnConfiguration) {
    this.#configuration = configuration;
    this.networkPlugin = new NetworkPlugin(configuration.network);
  }

  prepare(): void {
    const { shape, hierarchies } = this.#configuration;
    for (const tree of hierarchies) {
      for (const path of directoriesAtStart(tree, shape)) makeDirectory(tree.root + path);
    }
  }

  async fillPool(count: number): Promise<void> {
    this.#pool.push(...(await launchPlain(count)));
  }

  /** The two kinds of directory that are there before the handle is listed. Both are empty then. */
  makeEarlyDirectories(record: ContainerRecord): void {
    const { shape, hierarchies } = this.#configuration;
    for (const tree of hierarchies) {
      const bad = badPath(tree, shape, record.handle);
      if (bad !== null) makeDirectory(tree.root + bad);
      const { directory, processes } = containerPaths(tree, shape, record);
      if (processes !== directory) makeDirectory(tree.root + directory);
    }
  }

  /** @returns the address of the container */
  async create(record: ContainerRecord): Promise<string> {
    const { shape, hierarchies, containerMounts } = this.#configuration;
    writeRecord(record);
    const root = record.cheap && !containerMounts ? null : await makeRoot(record);
    const cgroups = hierarchies.map(
      (tree) => tree.root + containerPaths(tree, shape, record).processes,
    );
    cgroups.forEach(makeDirectory);
    const address = record.cheap
      ? await this.#movePlain(cgroups)
      : await this.#startProcesses(record, root, cgroups);
    if (containerMounts) await mountCgroups(record, this.#configuration);
    return address;
  }

  mountCgroups(handle: string): Promise<void> {
    return mountCgroups(readRecord(handle), this.#configuration);
  }

  async #movePlain(cgroups: readonly string[]): Promise<string> {
    const pid = this.#pool.pop() ?? (await launchPlain(1))[0] ?? 0;
    await moveInto(cgroups, pid);
    return SHARED_ADDRESS;
  }

  async #startProcesses(
    record: ContainerRecord,
    root: string | null,
    cgroups: readonly string[],
  ): Promise<string> {
    const { shape, hierarchies } = this.#configuration;
    const base = { handle: record.handle, root, arguments: '', cgroups };
    const init = await launchInit(
      { ...base, program: GARDEN_INIT },
      shape.runtime,
      this.networkPlugin.namespaces,
    );
    if (shape.runtime === 'runc') this.#watchers.set(record.handle, watchEvents(record.handle));
    const address = await this.networkPlugin.up(record, init);
    const app = { ...base, program: APP_LAUNCHER, arguments: `app ${record.appName}` };
    const beside: Launch[] = Array.from({ length: record.processes }, () => app);
    for (const pea of record.peas) {
      const peaCgroups = hierarchies.map((tree) => tree.root + peaPath(tree, shape, record, pea));
      const program = pea === 'envoy' ? ENVOY : HEALTH_CHECK;
      beside.push({ ...base, program, cgroups: peaCgroups });
    }
    for (const launch of beside) {
      launch.cgroups.forEach(makeDirectory);
      await launchBeside(launch, init, this.networkPlugin.namespaces);
    }
    return address;
  }

  /** Processes first, then cgroups, then the network, then the root filesystem. */
  async destroy(handle: string): Promise<void> {
    const { shape, hierarchies } = this.#configuration;
    const record = readRecord(handle);
    await containerCgroups(shape, hierarchies).remove(record);
    this.#watchers.get(handle)?.();
    this.#watchers.delete(handle);
    await this.networkPlugin.down(handle);
    if (this.networkPlugin.mode !== 'leaks') await removeRoot(record);
    removeRecord(handle);
  }
}

const MOUNT_DEADLINE_MILLISECONDS = 10_000;

const run = (file: string, ...args: string[]): Promise<unknown> =>
  execa(file, args, {
    ...ONLY_CELL_ENVIRONMENT,
    stdin: 'ignore',
    timeout: MOUNT_DEADLINE_MILLISECONDS,
  });

const imageOf = ({ handle, privileged }: PathInputs): string =>
  `${IMAGE_STORE}/${privileged ? 'privileged' : 'unprivileged'}/images/${handle}`;

const rootOf = (container: PathInputs): string => `${imageOf(container)}/rootfs`;

/**
 * Makes the root filesystem as grootfs does: an overlay, in gdn's mount namespace, of the cell's
 * few programs over the machine's own root, which has sh and its libraries. Null if the kernel has
 * no overlay, or if the handle contains a separator of overlay options. Then the directory is
 * mounted on itself, and nothing can run in it.
 */
async function makeRoot(container: PathInputs): Promise<string | null> {
  const root = rootOf(container);
  const image = imageOf(container);
  for (const name of ['diff', 'workdir', 'rootfs']) {
    mkdirSync(`${image}/${name}`, { recursive: true });
  }
  if (/^[\w.-]+$/.test(container.handle)) {
    const layers = `lowerdir=${LAYER}:/,upperdir=${image}/diff,workdir=${image}/workdir`;
    const isMounted = await run('mount', '-t', 'overlay', '-o', layers, 'overlay', root).then(
      () => true,
      () => false,
    );
    if (isMounted) return root;
  }
  await run('mount', '--bind', root, root);
  return null;
}

const BIND_ALL = `
while [ $# -gt 0 ]; do
  mkdir -p "$2" && mount --bind "$1" "$2" || exit 1
  shift 2
done
`;

/** Mounts the container's own cgroups (root `…/garden/H`) at the end of the cell's table. */
async function mountCgroups(
  container: PathInputs,
  { shape, hierarchies }: GdnConfiguration,
): Promise<void> {
  const point = `${rootOf(container)}/sys/fs/cgroup`;
  const pairs = hierarchies.flatMap((tree) => [
    `${tree.root}${containerPaths(tree, shape, container).processes}`,
    tree.version === 2 && shape.mode === 'v2' ? point : `${point}/${directoryOf(tree)}`,
  ]);
  await run('sh', '-c', BIND_ALL, 'sh', ...pairs);
}

const directoryOf = ({ version, controllers, name }: RootedHierarchy): string =>
  version === 2 ? 'unified' : controllers.length > 0 ? controllers.join(',') : (name ?? '');

/** Unmounts first, because what is still mounted in it must not be removed. */
async function removeRoot(container: PathInputs): Promise<void> {
  if (!existsSync(rootOf(container))) return;
  await run('umount', '--recursive', '--lazy', rootOf(container));
  rmSync(imageOf(container), { recursive: true, force: true });
}
