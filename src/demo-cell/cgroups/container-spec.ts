import { createHash } from 'node:crypto';
import { KnownFailure } from '../../model/failure.ts';

/** Processes that Garden runs beside an app: `H-envoy`, `H-liveness-healthcheck-0`. */
export type Pea = 'envoy' | 'liveness-healthcheck';

/** A container as the driver requests it. */
export interface ContainerSpec {
  readonly handle: string;
  readonly kind: WorkloadKind;
  readonly privileged?: boolean;
  readonly peas?: readonly Pea[];
  /** Derived from the handle if omitted. */
  readonly app?: Partial<AppTags>;
  /** The number of app processes beside init; 1 if omitted, none for a health check. */
  readonly processes?: number;
  /** CPU throttling has moved it to `bad` (throttled layout only). */
  readonly throttled?: boolean;
  /** One plain process without namespaces or root filesystem, to create many containers quickly. */
  readonly cheap?: boolean;
  /** The handles of containers that a Garden inside this one runs. */
  readonly nested?: readonly string[];
}

/** The same with every default filled in: what gdn stores about a container. */
export interface ContainerRecord {
  readonly handle: string;
  readonly privileged: boolean;
  readonly peas: readonly Pea[];
  readonly processes: number;
  readonly appName: string;
  readonly cheap: boolean;
  readonly nested: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

export const isContainerRecord = (value: unknown): value is ContainerRecord =>
  typeof value === 'object' && value !== null && 'handle' in value && 'properties' in value;

/**
 * A handle becomes one path component; at most 200 bytes leave room for the names of peas. The
 * kernel rejects a newline in the name of a cgroup (cgroup_mkdir).
 */
function checkHandle(handle: string): void {
  const isComponent = handle !== '' && handle !== '.' && handle !== '..' && !/[/\0\n]/.test(handle);
  if (isComponent && Buffer.byteLength(handle) <= 200) return;
  throw new KnownFailure(
    'DEMO_FAILED',
    `handle ${JSON.stringify(handle.slice(0, 60))} cannot name a cgroup: use one path component of 1 to 200 bytes without a newline`,
  );
}

export function recordOf(spec: ContainerSpec): ContainerRecord {
  const { handle, kind } = spec;
  for (const name of [handle, ...(spec.nested ?? [])]) checkHandle(name);
  const app = appTags(handle, spec.app ?? {});
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

type WorkloadKind = 'app' | 'task' | 'health-check' | 'other';

/** The data of Cloud Controller about an app instance that Diego passes on to Garden. */
interface AppTags {
  readonly id: string;
  readonly name: string;
  readonly index: number;
  readonly processType: string;
  readonly spaceId: string;
  readonly spaceName: string;
  readonly organizationId: string;
  readonly organizationName: string;
}

const APPS = ['billing', 'checkout-api', 'catalog', 'search', 'notifications', 'session-store'];

/** Names for a container that has none: the same handle always gets the same ones. */
function appTags(handle: string, given: Partial<AppTags>): AppTags {
  const digest = createHash('sha256').update(handle).digest();
  const name = given.name ?? APPS[digest.readUInt8(0) % APPS.length] ?? 'billing';
  return {
    id: given.id ?? guidOf(`app ${name}`),
    name,
    index: given.index ?? digest.readUInt8(1) % 4,
    processType: given.processType ?? 'web',
    spaceId: given.spaceId ?? guidOf('space shop'),
    spaceName: given.spaceName ?? 'shop',
    organizationId: given.organizationId ?? guidOf('organization retail'),
    organizationName: given.organizationName ?? 'retail',
  };
}

/**
 * The properties that the client of this kind of container sets: the executor for apps and tasks
 * (depot/containerstore/storenode.go:327-342), its health check (gardenhealth/checker.go), or
 * another client.
 */
function propertiesOf(
  handle: string,
  kind: WorkloadKind,
  app: AppTags,
): Readonly<Record<string, string>> {
  switch (kind) {
    case 'health-check':
      return {
        'executor:owner': 'executor-health-check',
        'network.healthcheck': 'true',
        'tag:healthcheck-tag': 'healthcheck',
      };
    case 'other':
      return { 'client:owner': 'volume-janitor' };
    case 'app':
    case 'task':
      return {
        'executor:owner': 'executor',
        log_config: JSON.stringify(logConfig(handle, kind, app)),
        ...networkProperties(kind, app),
      };
  }
}

function logConfig(handle: string, kind: 'app' | 'task', app: AppTags): object {
  return {
    guid: app.id,
    index: app.index,
    source_name: kind === 'app' ? 'CELL' : 'STG',
    tags: {
      app_id: app.id,
      app_name: app.name,
      instance_id: `${app.index}`,
      organization_id: app.organizationId,
      organization_name: app.organizationName,
      process_id: app.id,
      process_instance_id: handle,
      process_type: app.processType,
      source_id: app.id,
      space_id: app.spaceId,
      space_name: app.spaceName,
    },
  };
}

const networkProperties = (kind: 'app' | 'task', app: AppTags): Record<string, string> => ({
  'network.app_id': app.id,
  'network.container_workload': kind === 'app' ? 'app' : 'staging',
  'network.org_id': app.organizationId,
  'network.policy_group_id': app.id,
  'network.ports': '8080',
  'network.space_id': app.spaceId,
});

/** A guid as gouuid makes it (its variant nibble is 4 to 7); a task's handle. */
export function guidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  const variant = 4 + (Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** An app instance: the first 28 characters of a guid (rep auctioncellrep/helpers.go:5-16). */
export const instanceHandle = (seed: string): string => guidOf(seed).slice(0, 28);

/** Garden's own health check (gardenhealth/checker.go:15). */
export const healthCheckHandle = (seed: string): string => `check-${guidOf(seed)}`;
