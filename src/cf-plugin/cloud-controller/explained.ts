import * as v from 'valibot';
import type { DiegoSays, UntrackedInstance } from '../foundation/cell-status.ts';
import type { HttpClient } from '../http/client.ts';
import { askAboutApps, chunksOf, type App } from './apps.ts';

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

const tokenClaims = v.pipe(v.string(), v.parseJson(), v.object({ scope: v.array(v.string()) }));

function seesAllApps(token: string): boolean {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  const read = v.safeParse(tokenClaims, claims);
  const isWide = /^cloud_controller\.(admin|admin_read_only|global_auditor)$/;
  return read.success && read.output.scope.some((scope) => isWide.test(scope));
}
