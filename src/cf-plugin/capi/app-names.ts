import * as v from 'valibot';
import { below } from '../http/below.ts';
import { requestErrorText } from '../http/request-error-text.ts';
import { getJson, type Web } from '../http/web.ts';

/** As the Cloud Controller gave them: untrusted, escape them on output. */
interface AppNames {
  readonly name: string;
  readonly space: string | null;
  readonly organization: string | null;
}

export interface NamesFound {
  readonly names: ReadonlyMap<string, AppNames>;
  /** Why some names are missing, for a person; null where none is. */
  readonly missing: string | null;
}

/** 50 GUIDs make an address of 2,000 characters, which every proxy on the way takes. */
const CHUNK = 50;
/** So many that the questions stay few; who has more untracked apps has another problem than their names. */
const MAX_APPS = 500;
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

const named = { guid: v.string(), name: v.string() };
const parent = v.nullish(v.object({ data: v.nullish(v.object({ guid: v.string() })) }));
const few = <T extends v.GenericSchema>(schema: T) => v.pipe(v.array(schema), v.maxLength(1000));
const page = v.object({
  resources: few(v.object({ ...named, relationships: v.nullish(v.object({ space: parent })) })),
  included: v.nullish(
    v.object({
      spaces: v.nullish(
        few(v.object({ ...named, relationships: v.nullish(v.object({ organization: parent })) })),
      ),
      organizations: v.nullish(few(v.object(named))),
    }),
  ),
});

/**
 * The names of apps with their spaces and organizations, from the Cloud Controller's v3 API. It never fails: what it
 * cannot tell is missing, and said.
 */
export async function appNames(
  web: Web,
  cloudController: URL | null,
  token: string,
  appIds: readonly string[],
): Promise<NamesFound> {
  // A text that is no GUID could be a list of them, and is none of an app anyway.
  const guids = [...new Set(appIds)].filter((id) => GUID.test(id));
  const names = new Map<string, AppNames>();
  if (guids.length === 0) return { names, missing: null };
  if (cloudController === null) {
    return { names, missing: 'The API names no Cloud Controller: apps are shown by GUID.' };
  }
  const asked = guids.slice(0, MAX_APPS);
  const chunks = Array.from({ length: Math.ceil(asked.length / CHUNK) }, (_, index) =>
    asked.slice(index * CHUNK, (index + 1) * CHUNK),
  );
  const answers = await Promise.all(
    chunks.map((chunk) => {
      const query = {
        guids: chunk.join(','),
        include: 'space.organization',
        per_page: String(CHUNK),
      };
      return getJson(web, below(cloudController, '/apps', query), page, token);
    }),
  );
  let why: string | null = null;
  for (const answer of answers) {
    if (answer.ok) for (const [guid, app] of namesOf(answer.value)) names.set(guid, app);
    else why ??= requestErrorText(answer.trouble);
  }
  if (why !== null) {
    return { names, missing: `The Cloud Controller ${why}: apps are shown by GUID.` };
  }
  return { names, missing: unseen(guids.length, asked.length, names.size) };
}

function unseen(wanted: number, asked: number, found: number): string | null {
  if (wanted > asked) return `Only ${asked} of ${wanted} apps are shown by name.`;
  if (found >= asked) return null;
  return `The Cloud Controller does not show ${asked - found} of ${asked} apps: they are deleted, or the user may not see them (cloud_controller.global_auditor sees all).`;
}

function* namesOf({
  resources,
  included,
}: v.InferOutput<typeof page>): Generator<readonly [string, AppNames]> {
  const spaces = new Map((included?.spaces ?? []).map((space) => [space.guid, space]));
  const organizations = new Map(
    (included?.organizations ?? []).map(({ guid, name }) => [guid, name]),
  );
  for (const { guid, name, relationships } of resources) {
    const space = spaces.get(relationships?.space?.data?.guid ?? '');
    const organizationId = space?.relationships?.organization?.data?.guid ?? '';
    yield [
      guid,
      {
        name,
        space: space?.name ?? null,
        organization: organizations.get(organizationId) ?? null,
      },
    ];
  }
}
