import type { CellShape, RootedHierarchy } from '../cgroups/cgroup-paths.ts';

export const GARDEN_HOME = '/var/vcap/data/garden';
export const GARDEN_SOCKET = `${GARDEN_HOME}/garden.sock`;
export const DEPOT = `${GARDEN_HOME}/depot`;
export const SAVED_PROPERTIES = `${GARDEN_HOME}/props.json`;
export const IMAGE_STORE = '/var/vcap/data/grootfs/store';

/** This directory does not exist on a real cell. */
export const BOX_HOME = '/var/vcap/data/rollcall-cell';
export const CONTROL_SOCKET = `${BOX_HOME}/control.sock`;
export const GDN_LOG = '/var/vcap/sys/log/garden/garden.log';

export type CellNetwork = 'host' | 'silk';

export interface GdnConfiguration {
  readonly shape: CellShape;
  /** The hierarchies that the cell mounts, with their roots as seen in the cell. */
  readonly hierarchies: readonly RootedHierarchy[];
  readonly containerMounts: boolean;
  readonly network: CellNetwork;
}

/** JSON that this program wrote. Driver and gdn have one version: the guard may be superficial. */
export function parseOwn<T>(text: string, isIt: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  if (isIt(value)) return value;
  throw new Error(`not written by this program: ${text.slice(0, 100)}`);
}

export const has =
  <T>(...keys: readonly (keyof T & string)[]) =>
  (value: unknown): value is T =>
    typeof value === 'object' && value !== null && keys.every((key) => key in value);
