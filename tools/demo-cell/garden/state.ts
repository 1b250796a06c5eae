import type { ContainerRecord } from '../cgroups/container-spec.ts';

export interface GardenContainer {
  handle: string;
  /** As the client set them, without `garden.state` (`created`); null once they are lost. */
  properties: Record<string, string> | null;
  /** Whether Garden has set `garden.state=created`, the last step of a creation. */
  created: boolean;
}

export type Fault =
  | { kind: 'none' }
  /** Reads the request and never answers, as during the clean-up of a starting gdn. */
  | { kind: 'hang' }
  | { kind: 'status'; status: number; body: string }
  /** Sends bytes that are not HTTP. */
  | { kind: 'garbage' }
  /** Sends a head that announces a longer body than it sends. */
  | { kind: 'half-body' }
  /** Answers late, but correctly. */
  | { kind: 'slow'; milliseconds: number };

export interface GardenState {
  containers: Map<string, GardenContainer>;
  fault: Fault;
  /** The requests to which the fault applies. */
  faultOn: 'all' | 'list';
}

/** What the network plugin of the recordings sets. */
const networkProperties = (address: string): Readonly<Record<string, string>> => ({
  'garden.network.container-ip': address,
  'garden.network.external-ip': '127.0.0.1',
  'garden.network.host-ip': '255.255.255.255',
  'garden.network.mapped-ports': '[]',
});

/**
 * Lists the container, runs its parts, then calls it created: the order that was observed on gdn.
 * If a part does not start the creation is undone; a clean-up that fails leaves it listed, so that
 * it can be destroyed again.
 * @param runtime whose `start` resolves with the address of the container
 */
export async function createContainer(
  { containers }: GardenState,
  { handle, properties }: Pick<ContainerRecord, 'handle' | 'properties'>,
  runtime: { readonly start: () => Promise<string>; readonly remove: () => Promise<void> },
): Promise<void> {
  const own = Object.keys(properties).length > 0 ? { ...properties } : null;
  const container: GardenContainer = { handle, properties: own, created: false };
  containers.set(handle, container);
  try {
    const address = await runtime.start();
    container.properties = { ...container.properties, ...networkProperties(address) };
  } catch (error) {
    await runtime.remove().then(
      () => containers.delete(handle),
      () => undefined,
    );
    throw error;
  }
  container.created = true;
}

export function shownProperties(container: GardenContainer): Record<string, string> | null {
  if (!container.created) return container.properties;
  return { ...container.properties, 'garden.state': 'created' };
}

/** As when gdn is killed: it keeps properties, including `garden.state`, only in memory. */
export function loseProperties(container: GardenContainer): void {
  container.properties = null;
  container.created = false;
}
