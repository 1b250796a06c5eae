import { join } from 'node:path';
import {
  gardenApi,
  listen,
  type GardenContainer,
  type GardenHooks,
  type GardenState,
} from '../../src/demo-cell/garden-api.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

export const gardenWith = (containers: readonly GardenContainer[]): GardenState => ({
  containers: new Map(containers.map((container) => [container.handle, container])),
  fault: { kind: 'none' },
  faultOn: 'all',
});

/** The embedded server on a socket of its own, for the time of `use`. */
export function serving<T>(
  state: GardenState,
  use: (socketPath: string) => Promise<T>,
  hooks?: GardenHooks,
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const server = gardenApi(state, hooks);
    const socketPath = join(folder, 'garden.sock');
    await listen(server, socketPath);
    try {
      return await use(socketPath);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
}
