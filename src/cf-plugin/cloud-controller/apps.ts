import * as v from 'valibot';
import type { DiegoSays, UntrackedInstance } from '../foundation/cell-status.ts';
import { requestErrorText, type Answer } from '../http/request-error.ts';
import { below, getJson, type Server, type HttpClient } from '../http/client.ts';

/** 50 GUIDs make an address of 2,000 characters, which every proxy accepts. */
const CHUNK = 50;
/** If more apps have findings, their names do not help. */
const MAX_APPS = 500;
/** Each needs a request of its own, and load on Diego. */
const MAX_ASKED_DIEGO = 50;
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** The handle of an app instance is its GUID; that of a task has the form of a GUID. */
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
 * @param client with a deadline of its own, so that the rest does not wait for these requests
 * @param token including the "bearer "
 */
export async function explained(
  client: HttpClient,
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
  const answers = await askAbout({ client, url: cloudController, token }, asked);
  const { apps, error } = answers;
  // If the user can see all apps, an app that was asked for and is not in the answer does not exist.
  const showsAll = error === null && seesAllApps(token);
  const completed = untracked.map((one) => {
    if (one.app === null) return one;
    const { id, name, space, organization } = apps.get(one.app.id) ?? one.app;
    const isDeleted = showsAll && asked.includes(id) && !apps.has(id);
    const diego = isDeleted ? 'app-deleted' : diegoSays(answers, id, one.handle);
    return { ...one, app: { id, name, space, organization }, diego };
  });
  const hidden = asked.length - apps.size;
  const missing =
    error !== null
      ? `The Cloud Controller ${requestErrorText(error)}: apps are shown by GUID.`
      : ids.size > asked.length
        ? `Only ${asked.length} of ${ids.size} apps are shown by name.`
        : hidden > 0 && !showsAll
          ? `The Cloud Controller does not show ${hidden} of ${asked.length} apps: they are deleted, or the user may not see them (cloud_controller.global_auditor sees all).`
          : null;
  return { untracked: completed, missing };
}

/** The Cloud Controller's answers about apps. */
async function askAbout({ client, url, token }: Server, ids: readonly string[]) {
  const get = <T>(path: string, schema: v.GenericSchema<unknown, T>, query = {}) =>
    getJson<T>(client, below(url, path, query), schema, token);
  const chunks = Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, index) =>
    ids.slice(index * CHUNK, (index + 1) * CHUNK).join(','),
  );
  const include = 'space.organization';
  const [apps, processes, stats] = await Promise.all([
    Promise.all(chunks.map((guids) => get('/apps', appsPage, { guids, include, per_page: CHUNK }))),
    Promise.all(
      chunks.map((app_guids) => get('/processes', processesPage, { app_guids, per_page: 5000 })),
    ),
    Promise.all(
      ids
        .slice(0, MAX_ASKED_DIEGO)
        .map(async (id) => [id, await get(`/apps/${id}/processes/web/stats`, statsPage)] as const),
    ),
  ]);
  const failed = apps.find((one) => !one.ok);
  return {
    /** That of a failed request for apps; null if there is none. */
    error: failed?.error ?? null,
    apps: new Map(values(apps).flatMap(appsIn)),
    /** The apps with instances of other processes than `web`; null if unknown. */
    withOthers: processes.every(({ ok }) => ok) ? new Set(values(processes).flatMap(others)) : null,
    /** The instances of `web`. */
    instances: new Map(
      stats.flatMap(([id, one]) => (one.ok ? [[id, one.value.resources] as const] : [])),
    ),
  };
}

type Answers = Awaited<ReturnType<typeof askAbout>>;

function diegoSays(
  { apps, withOthers, instances }: Answers,
  id: string,
  handle: string,
): DiegoSays {
  const app = apps.get(id);
  if (app === undefined) return 'unknown';
  const guids = instances.get(id)?.map((one) => one.instance_guid) ?? null;
  if (guids?.includes(handle) === true) return 'counted';
  if (app.isStopped) return 'app-stopped';
  const areNamed = guids?.every((guid) => typeof guid === 'string') === true;
  // Another process of the app may own the instance; no single call lists the instances of all
  // processes.
  const isOfWeb = withOthers?.has(id) === false && INSTANCE_GUID.test(handle);
  return areNamed && isOfWeb ? 'replaced' : 'unknown';
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
