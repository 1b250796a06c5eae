import type { CellShape, RootedHierarchy } from '../cell/cgroup-paths.ts';

export const GARDEN_HOME = '/var/vcap/data/garden';
export const GARDEN_SOCKET = `${GARDEN_HOME}/garden.sock`;
export const DEPOT = `${GARDEN_HOME}/depot`;
export const SAVED_PROPERTIES = `${GARDEN_HOME}/props.json`;
export const IMAGE_STORE = '/var/vcap/data/grootfs/store';

/** What is the box's own, and no part of a real cell. */
export const BOX_HOME = '/var/vcap/data/rollcall-cell';
export const CONTROL_SOCKET = `${BOX_HOME}/control.sock`;
export const GDN_LOG = '/var/vcap/sys/log/garden/garden.log';

/** What the driver tells gdn when it starts it. */
export interface GdnConfiguration {
  readonly shape: CellShape;
  /** The hierarchies that the cell mounts; their roots as seen in the cell. */
  readonly hierarchies: readonly RootedHierarchy[];
  readonly containerMounts: boolean;
}

export const isGdnConfiguration = (value: unknown): value is GdnConfiguration =>
  typeof value === 'object' && value !== null && 'shape' in value && 'hierarchies' in value;

/**
 * Reads back what this same program has written: the driver and gdn are of one version, so the guard only tells their
 * objects from another's.
 */
export function parseOwn<T>(text: string, isIt: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  if (isIt(value)) return value;
  throw new Error(`not written by this program: ${text.slice(0, 100)}`);
}
