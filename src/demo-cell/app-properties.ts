import { createHash } from 'node:crypto';
import { guidOf } from './handles.ts';

export type ContainerKind = 'app' | 'task' | 'health-check' | 'other';

/** What Cloud Controller says of an app instance, as far as Diego hands it to Garden. */
export interface AppNames {
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

/** Names for a container that is given none: the same handle always gets the same ones. */
export function appNames(handle: string, given: Partial<AppNames>): AppNames {
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
 * The properties with which a client creates a container of this kind: the executor for apps and tasks
 * (depot/containerstore/storenode.go:327-342), its health check (gardenhealth/checker.go), or somebody else.
 */
export function propertiesOf(
  handle: string,
  kind: ContainerKind,
  app: AppNames,
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

function logConfig(handle: string, kind: 'app' | 'task', app: AppNames): object {
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

const networkProperties = (kind: 'app' | 'task', app: AppNames): Record<string, string> => ({
  'network.app_id': app.id,
  'network.container_workload': kind === 'app' ? 'app' : 'staging',
  'network.org_id': app.organizationId,
  'network.policy_group_id': app.id,
  'network.ports': '8080',
  'network.space_id': app.spaceId,
});
