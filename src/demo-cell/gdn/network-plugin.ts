import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { NETWORK_PLUGIN, NOTHING, ONLY_CELL_ENVIRONMENT } from './programs.ts';

/** `slow`: it works, and takes a second. `hangs`: until its process ends. */
export type NetworkPluginMode = 'works' | 'slow' | 'fails' | 'hangs';

const SLOW_MILLISECONDS = 1000;

/**
 * `up` comes after the init of a new container, and before anything else runs in it. `down` is the
 * last step of a destroy before the root filesystem is removed; processes and cgroups are already
 * gone.
 */
export class NetworkPlugin {
  mode: NetworkPluginMode = 'works';

  async run(action: 'up' | 'down', handle: string): Promise<void> {
    if (this.mode === 'works') return;
    if (this.mode === 'slow') {
      await sleep(SLOW_MILLISECONDS);
      return;
    }
    if (this.mode === 'hangs') {
      const start = ['-c', 'exec "$@" <>"$0"', NOTHING, NETWORK_PLUGIN];
      const flags = ['--action', action, '--handle', handle];
      await execa('sh', [...start, ...flags], { ...ONLY_CELL_ENVIRONMENT, reject: false });
    }
    throw new Error(`network plugin: ${action} ${handle}: exit status 1`);
  }
}
