import { makeDirectory, moveInto } from '../cgroups/cgroup-tree.ts';
import { ContainerCgroups } from '../cgroups/container-cgroups.ts';
import { launchBeside, launchInit, launchPlain, type Launch } from './launch.ts';
import { makeRoot, mountCgroups, removeRoot } from './roots.ts';
import type { ContainerRecord } from '../cgroups/container-spec.ts';
import type { GdnConfiguration } from './config.ts';
import { NetworkPlugin } from './network-plugin.ts';
import { removeRecord, writeRecord } from './records.ts';
import { badPath, containerPaths, directoriesAtStart, peaPath } from '../cgroups/cgroup-paths.ts';
import { APP_LAUNCHER, ENVOY, GARDEN_INIT, HEALTH_CHECK } from './programs.ts';

/** The runtime's part in creations and destroys: cgroups, processes and mounts. */
export class ContainerRuntime {
  readonly networkPlugin = new NetworkPlugin();
  readonly #configuration: GdnConfiguration;
  /** Processes started in advance, for cheap containers. */
  readonly #pool: number[] = [];

  constructor(configuration: GdnConfiguration) {
    this.#configuration = configuration;
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

  /**
   * The two kinds of directory that were observed before the handle is listed. Both are empty then.
   */
  makeEarlyDirectories(record: ContainerRecord): void {
    const { shape, hierarchies } = this.#configuration;
    for (const tree of hierarchies) {
      const bad = badPath(tree, shape, record.handle);
      if (bad !== null) makeDirectory(tree.root + bad);
      const { directory, processes } = containerPaths(tree, shape, record);
      if (processes !== directory) makeDirectory(tree.root + directory);
    }
  }

  async create(record: ContainerRecord): Promise<void> {
    const { shape, hierarchies, containerMounts } = this.#configuration;
    writeRecord(record);
    const root = record.cheap && !containerMounts ? null : await makeRoot(record);
    const cgroups = hierarchies.map(
      (tree) => tree.root + containerPaths(tree, shape, record).processes,
    );
    cgroups.forEach(makeDirectory);
    if (record.cheap) await this.#movePlain(cgroups);
    else await this.#startProcesses(record, root, cgroups);
    if (containerMounts) await this.mountCgroups(record);
  }

  mountCgroups(record: ContainerRecord): Promise<void> {
    return mountCgroups(record, this.#configuration);
  }

  async #movePlain(cgroups: readonly string[]): Promise<void> {
    const pid = this.#pool.pop() ?? (await launchPlain(1))[0] ?? 0;
    await moveInto(cgroups, pid);
  }

  async #startProcesses(
    record: ContainerRecord,
    root: string | null,
    cgroups: readonly string[],
  ): Promise<void> {
    const { shape, hierarchies } = this.#configuration;
    const base = { handle: record.handle, root, arguments: '', cgroups };
    const init = await launchInit({ ...base, program: GARDEN_INIT }, shape.runtime);
    if (init === null) return;
    await this.networkPlugin.run('up', record.handle);
    const app = { ...base, program: APP_LAUNCHER, arguments: `app ${record.appName}` };
    const beside: Launch[] = Array.from({ length: record.processes }, () => app);
    for (const pea of record.peas) {
      const peaCgroups = hierarchies.map((tree) => tree.root + peaPath(tree, shape, record, pea));
      const program = pea === 'envoy' ? ENVOY : HEALTH_CHECK;
      beside.push({ ...base, program, cgroups: peaCgroups });
    }
    for (const inner of record.nested) {
      const innerCgroups = hierarchies.map(
        (tree) => `${tree.root}${containerPaths(tree, shape, record).directory}/garden/${inner}`,
      );
      beside.push({ ...app, cgroups: innerCgroups });
    }
    for (const launch of beside) {
      launch.cgroups.forEach(makeDirectory);
      await launchBeside(launch, init);
    }
  }

  /** Processes first, then cgroups, then the network, then the root filesystem. */
  async destroy(record: ContainerRecord): Promise<void> {
    const { shape, hierarchies } = this.#configuration;
    await new ContainerCgroups(shape, hierarchies).remove(record);
    await this.networkPlugin.run('down', record.handle);
    await removeRoot(record);
    removeRecord(record.handle);
  }
}
