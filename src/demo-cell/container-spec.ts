import { KnownFailure } from '../model/failure.ts';
import type { Pea } from './places.ts';
import { appNames, propertiesOf, type AppNames, type ContainerKind } from './app-properties.ts';

/** A container as the driver orders it. */
export interface ContainerSpec {
  readonly handle: string;
  readonly kind: ContainerKind;
  readonly privileged?: boolean;
  readonly peas?: readonly Pea[];
  /** Made up from the handle where not given. */
  readonly app?: Partial<AppNames>;
  /** App processes beside init; 1 if not given, none for a health check. */
  readonly processes?: number;
  /** CPU throttling has moved it to `bad` (throttled layout only). */
  readonly throttled?: boolean;
  /** One plain process, no namespace, no root filesystem: for many containers in little time. */
  readonly cheap?: boolean;
  /** Handles of containers that a Garden inside this one runs. */
  readonly nested?: readonly string[];
}

/** The same with nothing left open: what gdn keeps of a container. */
export interface Recipe {
  readonly handle: string;
  readonly privileged: boolean;
  readonly peas: readonly Pea[];
  readonly processes: number;
  readonly appName: string;
  readonly cheap: boolean;
  readonly nested: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

export const isRecipe = (value: unknown): value is Recipe =>
  typeof value === 'object' && value !== null && 'handle' in value && 'properties' in value;

/**
 * Names go into paths of the cell: one component of at most 200 bytes, so that the names of peas fit as well. The kernel
 * itself refuses a newline in the name of a cgroup (cgroup_mkdir), since /proc/<pid>/cgroup could not be read then.
 */
function checkHandle(handle: string): void {
  const isComponent = handle !== '' && handle !== '.' && handle !== '..' && !/[/\0\n]/.test(handle);
  if (isComponent && Buffer.byteLength(handle) <= 200) return;
  throw new KnownFailure(
    'DEMO_FAILED',
    `handle ${JSON.stringify(handle.slice(0, 60))} cannot name a cgroup: use one path component of 1 to 200 bytes without a newline`,
  );
}

export function recipeOf(spec: ContainerSpec): Recipe {
  const { handle, kind } = spec;
  for (const name of [handle, ...(spec.nested ?? [])]) checkHandle(name);
  const app = appNames(handle, spec.app ?? {});
  return {
    handle,
    privileged: spec.privileged ?? false,
    peas: spec.peas ?? [],
    processes: spec.processes ?? (kind === 'health-check' ? 0 : 1),
    appName: app.name,
    cheap: spec.cheap ?? false,
    nested: spec.nested ?? [],
    properties: propertiesOf(handle, kind, app),
  };
}
