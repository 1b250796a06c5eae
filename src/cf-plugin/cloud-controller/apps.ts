import * as v from 'valibot';
import type { DiegoSays, UntrackedInstance } from '../foundation/cell-status.ts';
import { requestErrorText, type Answer } from '../http/request-error.ts';
import { below, getJson, type Web } from '../http/web.ts';

/** 50 GUIDs make an address of 2,000 characters, which every proxy accepts. */
const CHUNK = 50;
/** If more apps have findings, their names do not help. */
const MAX_APPS = 500;
/** Each needs a request of its own, and load on Diego. */
const MAX_ASKED_DIEGO = 50;
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/**
 * The handle of an app instance is its instance GUID; the handle of a task has the form of a GUID.
 */
const INSTANCE_GUID = /^[\da-f]{8}(-[\da-f]{4}){4}$/i;

const few = <T extends v.GenericSchema>(schema: T) =>
  v.optional(v.pipe(v.array(schema), v.maxLength(5000)), []);
const parents = v.optional(
  v.record(v.string(), v.nullish(v.object({ data: v.nullish(v.object({ guid: v.string() })) }))),
  {},
);
const resource = { guid: v.string(), name: v.string(), relationships: parents };
const appsPage = v.object({
  resources: few(v.object({ ...resource, state: v.optional(v.string()) })),
  included: v.optional(
    v.object({ spaces: few(v.object(resource)), organizations: few(v.object(resource)) }),
    {},
  ),
});
const processesPage = v.object({
  resources: few(v.object({ type: v.string(), instances: v.number(), relationships: parents })),
});
/** Older versions omit `instance_guid`. */
const statsPage = v.object({ resources: few(v.object({ instance_guid: v.nullish(v.string()) })) });

/**
 * Adds the names of apps with their spaces and organizations, and whether Diego counts the
 * instance. Never fails: `missing` lists the names that it could not get.
 * @param web with a deadline of its own, so that the rest does not wait for these requests
 * @param token including the "bearer "
 */
export async function explained(
  web: Web,
  cloudController: URL | null,
  token: string,
  untracked: readonly UntrackedInstance[],
): Promise<{ readonly untracked: readonly UntrackedInstance[]; readonly missing: string | null }> {
  // A text with commas would be read as several GUIDs, and no app has an id that is not a GUID.
  const ids = new Set(untracked.map(({ app }) => app?.id ?? '').filter((id) => GUID.test(id)));
  if (ids.size === 0) return { untracked, missing: null };
  if (cloudController === null) {
    return { untracked, missing: 'The API names no Cloud Controller: apps are shown by GUID.' };
  }
  const asked = [...ids].slice(0, MAX_APPS);
  const get = <T>(path: string, schema: v.GenericSchema<unknown, T>, query = {}) =>
    getJson<T>(web, below(cloudController, path, query), schema, token);
  const chunks = Array.from({ length: Math.ceil(asked.length / CHUNK) }, (_, index) =>
    asked.slice(index * CHUNK, (index + 1) * CHUNK).join(','),
  );
  const include = 'space.organization';
  const [apps, processes, stats] = await Promise.all([
    Promise.all(chunks.map((guids) => get('/apps', appsPage, { guids, include, per_page: CHUNK }))),
    Promise.all(
      chunks.map((app_guids) => get('/processes', processesPage, { app_guids, per_page: 5000 })),
    ),
    Promise.all(
      asked
        .slice(0, MAX_ASKED_DIEGO)
        .map(async (id) => [id, await get(`/apps/${id}/processes/web/stats`, statsPage)] as const),
    ),
  ]);
  const failed = apps.find((one) => !one.ok);
  const showsAll = failed === undefined && seesAllApps(token);
  const known = new Map(values(apps).flatMap(appsIn));
  const areKnown = processes.every(({ ok }) => ok);
  const withOthers = new Set(values(processes).flatMap(others));
  const answers = new Map(stats);
  const diegoSays = (id: string, handle: string): DiegoSays => {
    const app = known.get(id);
    // If the user can see all apps, an app that is missing from the answer does not exist.
    if (app === undefined) return showsAll && GUID.test(id) ? 'app-deleted' : 'unknown';
    const answer = answers.get(id);
    const instances = answer?.ok === true ? answer.value.resources : null;
    if (instances?.some((one) => one.instance_guid === handle) === true) return 'counted';
    if (app.isStopped) return 'app-stopped';
    const isSaid = instances?.every((one) => typeof one.instance_guid === 'string') === true;
    // Another process of the app may own the instance; no single call lists the instances of all
    // processes.
    const isOfWeb = areKnown && !withOthers.has(id) && INSTANCE_GUID.test(handle);
    return isSaid && isOfWeb ? 'replaced' : 'unknown';
  };
  const hidden = asked.length - known.size;
  const missing =
    failed !== undefined
      ? `The Cloud Controller ${requestErrorText(failed.error)}: apps are shown by GUID.`
      : ids.size > asked.length
        ? `Only ${asked.length} of ${ids.size} apps are shown by name.`
        : hidden > 0 && !showsAll
          ? `The Cloud Controller does not show ${hidden} of ${asked.length} apps: they are deleted, or the user may not see them (cloud_controller.global_auditor sees all).`
          : null;
  const completed = untracked.map((one) => {
    if (one.app === null) return one;
    const { id, name, space, organization } = known.get(one.app.id) ?? one.app;
    return { ...one, app: { id, name, space, organization }, diego: diegoSays(id, one.handle) };
  });
  return { untracked: completed, missing };
}

const values = <T>(answers: readonly Answer<T>[]): T[] =>
  answers.flatMap((one) => (one.ok ? [one.value] : []));

const others = ({ resources }: v.InferOutput<typeof processesPage>): string[] =>
  resources
    .filter(({ type, instances }) => type !== 'web' && instances > 0)
    .map((one) => parentOf(one, 'app'));

const parentOf = (one: { relationships: v.InferOutput<typeof parents> }, kind: string): string =>
  one.relationships[kind]?.data?.guid ?? '';

const tokenClaims = v.pipe(v.string(), v.parseJson(), v.object({ scope: v.array(v.string()) }));

function seesAllApps(token: string): boolean {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  const read = v.safeParse(tokenClaims, claims);
  const isWide = /^cloud_controller\.(admin|admin_read_only|global_auditor)$/;
  return read.success && read.output.scope.some((scope) => isWide.test(scope));
}

function appsIn({ resources, included }: v.InferOutput<typeof appsPage>) {
  const spaces = new Map(included.spaces.map((one) => [one.guid, one]));
  const organizations = new Map(included.organizations.map((one) => [one.guid, one.name]));
  return resources.map(({ guid: id, name, state, relationships }) => {
    const space = spaces.get(parentOf({ relationships }, 'space'));
    const organizationId = space === undefined ? '' : parentOf(space, 'organization');
    const organization = organizations.get(organizationId) ?? null;
    const isStopped = state === 'STOPPED';
    return [id, { id, name, space: space?.name ?? null, organization, isStopped }] as const;
  });
}
