import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { NETWORK_PLUGIN, NOTHING, ONLY_CELL_ENVIRONMENT } from './programs.ts';

/** `slow`: it works, and takes a second. `hangs`: until its process ends. */
export type NetworkPluginMode = 'works' | 'slow' | 'fails' | 'hangs';

const SLOW_MILLISECONDS = 1000;

/**
 * The last step of a destroy before the root filesystem is removed; processes and cgroups are
 * already gone.
 */
export class NetworkPlugin {
  mode: NetworkPluginMode = 'works';

  async down(handle: string): Promise<void> {
    if (this.mode === 'works') return;
    if (this.mode === 'slow') {
      await sleep(SLOW_MILLISECONDS);
      return;
    }
    if (this.mode === 'hangs') {
      const start = ['-c', 'exec "$@" <>"$0"', NOTHING, NETWORK_PLUGIN];
      const flags = ['--action', 'down', '--handle', handle];
      await execa('sh', [...start, ...flags], { ...ONLY_CELL_ENVIRONMENT, reject: false });
    }
    throw new Error(`network plugin: down ${handle}: exit status 1`);
  }
}
