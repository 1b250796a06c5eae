import * as v from 'valibot';
import { claimsOf } from '../cf/token.ts';
import type { DiegoSays, UntrackedInstance } from '../foundation/cell-status.ts';
import { below, getJson, type Answer, type HttpClient, type Server } from '../http/client.ts';

/** 50 GUIDs make an address of 2,000 characters, which every proxy accepts. */
const CHUNK = 50;
/** Each needs a request of its own, and load on Diego. */
const MAX_PROCESSES = 50;

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
const process = { guid: v.string(), type: v.string(), instances: v.number() };
const processesPage = v.object({
  resources: few(v.object({ ...process, relationships: parents })),
});
/** An instance that is down has no host, and older versions omit `instance_guid`. */
const instance = {
  index: v.number(),
  state: v.string(),
  host: v.nullish(v.string(), ''),
  uptime: v.nullish(v.number(), null),
  instance_guid: v.nullish(v.string(), null),
};
const statsPage = v.object({ resources: few(v.object(instance)) });

export type AppAnswers = Awaited<ReturnType<typeof askAboutApps>>;
/** What the Cloud Controller shows of an app to everybody who may see it. */
export type App = AppAnswers['apps'][number];
/**
 * `process`: its type. `host`: the address of its cell, or empty. `uptime`: in seconds. `handle`:
 * null if it is not known.
 */
export type AppInstance = App['instances'][number];

/** Asks for the apps that the queries name, and for the instances of all their processes. */
export async function askAboutApps(
  { client, url, token }: Server,
  queries: readonly Readonly<Record<string, string>>[],
) {
  const get = <T>(path: string, schema: v.GenericSchema<unknown, T>, query = {}) =>
    getJson<T>(client, below(url, path, query), schema, token);
  const whole = { include: 'space.organization', per_page: '5000' };
  const appPages = await Promise.all(
    queries.map((query) => get('/apps', appsPage, { ...query, ...whole })),
  );
  const found = eachOnce(values(appPages).flatMap(appsIn), ({ app }) => app.id);
  const chunks = chunksOf(found.map(({ app }) => app.id));
  const pages = await Promise.all(
    chunks.map((app_guids) => get('/processes', processesPage, { app_guids, per_page: 5000 })),
  );
  const processes = eachOnce(
    values(pages).flatMap(({ resources }) => resources),
    ({ guid }) => guid,
  )
    .filter(({ instances }) => instances > 0)
    .map((one) => ({ ...one, app: parentOf(one, 'app') }));
  const stats = await Promise.all(
    processes.slice(0, MAX_PROCESSES).map(async ({ guid, type, app, instances: desired }) => {
      const answer = await get(
        `/processes/${encodeURIComponent(guid.toWellFormed())}/stats`,
        statsPage,
      );
      const instances = answer.ok ? answer.value.resources : [];
      const ofType = instances.map(({ instance_guid: handle, ...one }) => ({
        ...one,
        process: type,
        handle,
      }));
      // The answer also has instances that do not run, as `DOWN`, so it has as many as are desired.
      return { app, isKnown: answer.ok && instances.length >= desired, instances: ofType };
    }),
  );
  return {
    /** The error of a failed request for apps; null if none failed. */
    error: appPages.find((one) => !one.ok)?.error ?? null,
    apps: found.map((one) => {
      const own = stats.filter(({ app }) => app === one.app.id);
      const known = own.filter(({ isKnown }) => isKnown);
      const all = processes.filter(({ app }) => app === one.app.id);
      return {
        ...one,
        instances: own.flatMap(({ instances }) => instances),
        /** Whether these are the instances of all its processes. */
        isWhole: known.length === all.length && pages.every(({ ok }) => ok),
      };
    }),
  };
}

/** The texts with commas between them, as few queries as their length allows. */
const chunksOf = (ids: readonly string[]): string[] =>
  Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, index) =>
    ids.slice(index * CHUNK, (index + 1) * CHUNK).join(','),
  );

const values = <T>(answers: readonly Answer<T>[]): T[] =>
  answers.flatMap((one) => (one.ok ? [one.value] : []));

/** One of each id. */
const eachOnce = <T>(all: readonly T[], idOf: (one: T) => string): T[] => [
  ...new Map(all.map((one) => [idOf(one), one])).values(),
];

const parentOf = (one: { relationships: v.InferOutput<typeof parents> }, kind: string): string =>
  one.relationships[kind]?.data?.guid ?? '';

function appsIn({ resources, included }: v.InferOutput<typeof appsPage>) {
  const spaces = new Map(included.spaces.map((one) => [one.guid, one]));
  const organizations = new Map(included.organizations.map((one) => [one.guid, one.name]));
  return resources.map(({ guid: id, name, state, relationships }) => {
    const space = spaces.get(parentOf({ relationships }, 'space'));
    const organizationId = space === undefined ? '' : parentOf(space, 'organization');
    const organization = organizations.get(organizationId) ?? null;
    const app = { id, name, space: space?.name ?? null, organization };
    return { app, isStopped: state === 'STOPPED' };
  });
}

/** If more apps have findings, their names do not help. */
const MAX_APPS = 500;
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** The handle of an app instance is its GUID; that of a task has the form of a GUID. */
const INSTANCE_GUID = /^[\da-f]{8}(-[\da-f]{4}){4}$/i;

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
  const queries = chunksOf(asked).map((guids) => ({ guids }));
  const { apps: found, error } = await askAboutApps(
    { client, url: cloudController, token },
    queries,
  );
  const apps = new Map(found.map((one) => [one.app.id, one]));
  // If the user can see all apps, an app that was asked for and is not in the answer does not exist.
  const showsAll = error === null && seesAllApps(token);
  const completed = untracked.map((one) => {
    if (one.app === null) return one;
    const app = apps.get(one.app.id);
    if (app !== undefined) return ofApp(one, app);
    return showsAll && asked.includes(one.app.id) ? { ...one, diego: 'app-deleted' as const } : one;
  });
  const hidden = asked.length - apps.size;
  const missing =
    error !== null
      ? `The Cloud Controller ${error.text}: apps are shown by GUID.`
      : ids.size > asked.length
        ? `Only ${asked.length} of ${ids.size} apps are shown by name.`
        : hidden > 0 && !showsAll
          ? `The Cloud Controller does not show ${hidden} of ${asked.length} apps: they are deleted, or the user may not see them (cloud_controller.global_auditor sees all).`
          : null;
  return { untracked: completed, missing };
}

/** The finding with the names of its app, and what Diego says. */
export const ofApp = (one: UntrackedInstance, app: App): UntrackedInstance => ({
  ...one,
  app: app.app,
  diego: diegoSays(app, one.handle),
});

function diegoSays(app: App, handle: string): DiegoSays {
  const handles = new Set(app.instances.map((one) => one.handle));
  if (handles.has(handle)) return 'counted';
  if (app.isStopped) return 'app-stopped';
  const isCertain = app.isWhole && !handles.has(null) && INSTANCE_GUID.test(handle);
  return isCertain ? 'replaced' : 'unknown';
}

const WIDE = /^cloud_controller\.(admin|admin_read_only|global_auditor)$/;

const seesAllApps = (token: string): boolean =>
  claimsOf(token).scope.some((scope) => WIDE.test(scope));
