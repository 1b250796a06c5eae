import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerRecord } from '../cgroups/container-spec.ts';
import type { CellNetwork } from './config.ts';
import { runWithPipe } from './children.ts';
import { NETWORK_PLUGIN, NETWORKER, NOTHING } from './programs.ts';
import { SilkNetwork } from './silk-network.ts';

/**
 * `slow` takes a second, `hangs` never ends, nor does `hangs-with-child`, which waits for a process
 * of its own; `leaks` leaves network and root filesystem, and reports no error.
 */
export type NetworkPluginMode = 'works' | 'slow' | 'fails' | 'hangs' | 'hangs-with-child' | 'leaks';

/** Of every container on a cell without networks. */
export const SHARED_ADDRESS = '10.255.0.2';

const SLOW_MILLISECONDS = 1000;

/**
 * `up` comes after the init of a new container, and before anything else runs in it. `down` is the
 * last step of a destroy before the root filesystem is removed; processes and cgroups are already
 * gone.
 */
export class NetworkPlugin {
  mode: NetworkPluginMode = 'works';
  /** Those that a container has because of its network, as unshare and nsenter take them. */
  readonly namespaces: readonly string[];
  readonly #silk: SilkNetwork | null;

  constructor(network: CellNetwork) {
    this.#silk = network === 'silk' ? new SilkNetwork() : null;
    this.namespaces = this.#silk === null ? [] : ['--net'];
  }

  /** @returns the address of the container */
  async up(record: ContainerRecord, initPid: number): Promise<string> {
    await this.#obey('up', record.handle);
    return this.#silk === null ? SHARED_ADDRESS : this.#silk.up(record, initPid);
  }

  async down(handle: string): Promise<void> {
    await this.#obey('down', handle);
    if (this.mode !== 'leaks') await this.#silk?.down(handle);
  }

  async #obey(action: 'up' | 'down', handle: string): Promise<void> {
    if (this.mode === 'works' || this.mode === 'leaks') return;
    if (this.mode === 'slow') {
      await sleep(SLOW_MILLISECONDS);
      return;
    }
    if (this.mode === 'hangs' || this.mode === 'hangs-with-child') {
      const program = this.mode === 'hangs' ? NETWORK_PLUGIN : NETWORKER;
      const flags = ['--action', action, '--handle', handle];
      await runWithPipe(['sh', '-c', 'exec "$@" <>"$0"', NOTHING, program, ...flags]);
    }
    throw new Error(`network plugin: ${action} ${handle}: exit status 1`);
  }
}
