import * as v from 'valibot';
import type {
  ContainerProperties,
  AppIdentity,
  ContainerKind,
  Properties,
} from '../model/garden.ts';
import { type Handle, isInstanceGuid } from '../model/ids.ts';
import { parseJson } from './json.ts';

/** Kind, app and owner of a container. `app` is null if no property names app, space or org. */
export type ContainerIdentity = Omit<ContainerProperties, 'properties'>;

export const MAX_IDENTITY_LENGTH = 256;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEALTH_CHECK = /^check-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Diego's executor sets it on everything that it creates (depot/containerstore/storenode.go). */
const OWNER = 'executor:owner';
const HEALTH_CHECK_TAG = 'tag:healthcheck-tag';

/** The properties that identify a container: the last ones to be left out of an answer. */
export const IDENTITY_PROPERTIES: ReadonlySet<string> = new Set([
  OWNER,
  HEALTH_CHECK_TAG,
  'log_config',
  'network.app_id',
  'network.space_id',
  'network.org_id',
  'network.container_workload',
]);

/** Garden's own properties: nobody gave any to a container that has no others. */
export const isGardenProperty = (key: string): boolean => key.startsWith('garden.');

const bounded = (text: string): string | null =>
  text === '' ? null : text.slice(0, MAX_IDENTITY_LENGTH).toWellFormed();

const Text = v.fallback(v.nullable(v.pipe(v.string(), v.transform(bounded))), null);
const Index = v.fallback(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), null);
const Tags = v.object({
  app_id: Text,
  app_name: Text,
  space_id: Text,
  space_name: Text,
  organization_id: Text,
  organization_name: Text,
  process_type: Text,
  instance_id: Text,
});
const NO_TAGS = v.getFallbacks(Tags);
const LogConfig = v.object({ guid: Text, index: Index, tags: v.fallback(Tags, NO_TAGS) });
const NO_LOG_CONFIG = { guid: null, index: null, tags: NO_TAGS };

/** `log_config` is JSON in a string, written by Cloud Controller and Diego. All else is ignored. */
function logConfigOf(text: string | undefined): v.InferOutput<typeof LogConfig> {
  const config = v.safeParse(LogConfig, text === undefined ? undefined : parseJson(text));
  return config.success ? config.output : NO_LOG_CONFIG;
}

const countedFrom0 = (text: string | null): number | null =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;

function appOf(properties: ReadonlyMap<string, string>): AppIdentity | null {
  const { guid, index, tags } = logConfigOf(properties.get('log_config'));
  const network = (key: string): string | null => bounded(properties.get(`network.${key}`) ?? '');
  const app: AppIdentity = {
    id: tags.app_id ?? network('app_id') ?? guid,
    name: tags.app_name,
    spaceId: tags.space_id ?? network('space_id'),
    spaceName: tags.space_name,
    organizationId: tags.organization_id ?? network('org_id'),
    organizationName: tags.organization_name,
    index: index ?? countedFrom0(tags.instance_id),
    processType: tags.process_type,
  };
  const { id, name, spaceId, spaceName, organizationId, organizationName } = app;
  const names = [id, name, spaceId, spaceName, organizationId, organizationName];
  return names.some((text) => text !== null) ? app : null;
}

function kindByForm(handle: Handle): ContainerKind {
  if (isInstanceGuid(handle)) return 'app-instance';
  if (UUID.test(handle)) return 'task';
  return HEALTH_CHECK.test(handle) ? 'health-check' : 'other';
}

function kindOf(handle: Handle, properties: ReadonlyMap<string, string>): ContainerKind {
  const owner = properties.get(OWNER);
  if (owner === 'executor-health-check' || properties.has(HEALTH_CHECK_TAG)) return 'health-check';
  // A client of Garden other than the executor may name its containers as it likes.
  if (owner !== 'executor') return 'other';
  const workload = properties.get('network.container_workload');
  if (workload === 'app') return 'app-instance';
  if (workload === 'task' || workload === 'staging') return 'task';
  const byForm = kindByForm(handle);
  return byForm === 'health-check' ? 'other' : byForm;
}

/**
 * Identifies a container by its handle and by the properties that its client gave it. Garden stores
 * these before it creates anything else of the container. Without them, the form of the handle
 * decides the kind.
 */
export function identityOf(handle: Handle, properties: Properties): ContainerIdentity {
  const known = new Map(Object.entries(properties ?? {}));
  if (known.size === 0) return { kind: kindByForm(handle), app: null, owner: 'lost' };
  if ([...known.keys()].every(isGardenProperty)) return { kind: 'other', app: null, owner: 'none' };
  const kind = kindOf(handle, known);
  return { kind, app: kind === 'health-check' ? null : appOf(known), owner: 'present' };
}
