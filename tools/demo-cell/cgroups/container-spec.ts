import { demoFailed } from './processes.ts';
import { createHash } from 'node:crypto';

/** Processes that Garden runs beside an app: `H-envoy`, `H-liveness-healthcheck-0`. */
export type Pea = 'envoy' | 'liveness-healthcheck';

export interface ContainerSpec extends Partial<
  Pick<ContainerRecord, 'privileged' | 'peas' | 'processes' | 'cheap'>
> {
  readonly handle: string;
  readonly kind: WorkloadKind;
  /** Derived from the handle if omitted. */
  readonly app?: Partial<AppTags>;
  /** CPU throttling has moved it to `bad` (throttled layout only). */
  readonly throttled?: boolean;
}

/** The same with every default filled in: what gdn stores about a container. */
export interface ContainerRecord {
  readonly handle: string;
  readonly privileged: boolean;
  readonly peas: readonly Pea[];
  /** The number of app processes beside init; 1 if omitted, none for a health check. */
  readonly processes: number;
  readonly appName: string;
  /** One plain process without namespaces or root filesystem, to create many containers quickly. */
  readonly cheap: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * A handle becomes one path component; at most 200 bytes leave room for the names of peas. The
 * kernel rejects a newline in the name of a cgroup (cgroup_mkdir).
 */
function checkHandle(handle: string): void {
  const isComponent = handle !== '' && handle !== '.' && handle !== '..' && !/[/\0\n]/.test(handle);
  if (isComponent && Buffer.byteLength(handle) <= 200) return;
  throw demoFailed(
    `handle ${JSON.stringify(handle.slice(0, 60))} cannot name a cgroup: use one path component of 1 to 200 bytes without a newline`,
  );
}

export function recordOf(spec: ContainerSpec): ContainerRecord {
  const { handle, kind } = spec;
  checkHandle(handle);
  const app = appTags(handle, spec.app ?? {});
  return {
    handle,
    privileged: spec.privileged ?? false,
    peas: spec.peas ?? [],
    processes: spec.processes ?? (kind === 'health-check' ? 0 : 1),
    appName: app.name,
    cheap: spec.cheap ?? false,
    properties: propertiesOf(handle, kind, app),
  };
}

type WorkloadKind = 'app' | 'task' | 'health-check' | 'other';

/** The data of Cloud Controller about an app instance that Diego passes on to Garden. */
interface AppTags {
  readonly name: string;
  readonly index: number;
  readonly spaceName: string;
  readonly organizationName: string;
}

const APPS = ['billing', 'checkout-api', 'catalog', 'search', 'notifications', 'session-store'];

/** Names for a container that has none: the same handle always gets the same ones. */
function appTags(handle: string, given: Partial<AppTags>): AppTags {
  const digest = createHash('sha256').update(handle).digest();
  const name = APPS[digest.readUInt8(0) % APPS.length] ?? 'billing';
  const index = digest.readUInt8(1) % 4;
  return { name, index, spaceName: 'shop', organizationName: 'retail', ...given };
}

/**
 * The properties that the client of this kind of container sets: the executor for apps and tasks
 * (depot/containerstore/storenode.go:327-342), its health check (gardenhealth/checker.go), or
 * another client.
 */
function propertiesOf(
  handle: string,
  kind: WorkloadKind,
  { name, index, spaceName, organizationName }: AppTags,
): Readonly<Record<string, string>> {
  if (kind === 'other') return { 'client:owner': 'volume-janitor' };
  if (kind === 'health-check') {
    return {
      'executor:owner': 'executor-health-check',
      'network.healthcheck': 'true',
      'tag:healthcheck-tag': 'healthcheck',
    };
  }
  const id = guidOf(`app ${name}`);
  const spaceId = guidOf(`space ${spaceName}`);
  const organizationId = guidOf(`organization ${organizationName}`);
  const tags = {
    app_id: id,
    app_name: name,
    instance_id: `${index}`,
    organization_id: organizationId,
    organization_name: organizationName,
    process_id: id,
    process_instance_id: handle,
    process_type: 'web',
    source_id: id,
    space_id: spaceId,
    space_name: spaceName,
  };
  const source_name = kind === 'app' ? 'CELL' : 'STG';
  return {
    'executor:owner': 'executor',
    log_config: JSON.stringify({ guid: id, index, source_name, tags }),
    'network.app_id': id,
    'network.container_workload': kind === 'app' ? 'app' : 'staging',
    'network.org_id': organizationId,
    'network.policy_group_id': id,
    'network.ports': '8080',
    'network.space_id': spaceId,
  };
}

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
