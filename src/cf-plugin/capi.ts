import * as v from 'valibot';
import { KnownFailure } from '../model/failure.ts';
import { certificateAdvice, requestErrorText } from './http/request-error.ts';
import { below, getJson, type Web } from './http/web.ts';
import { oneLine } from '../model/text.ts';

/** The addresses of a foundation's servers; `cloudController` ends in `/v3`. */
export interface Foundation {
  readonly api: URL;
  readonly logCache: URL;
  readonly cloudController: URL | null;
}

const link = v.nullish(v.object({ href: v.pipe(v.string(), v.maxLength(2048)) }));
const apiRoot = v.object({ links: v.object({ log_cache: link, cloud_controller_v3: link }) });

/**
 * Asks the API root for the address of Log Cache, which does not follow from that of the API.
 * @throws KnownFailure CF_API, TLS_UNTRUSTED
 */
export async function findFoundation(web: Web, endpoint: string): Promise<Foundation> {
  const api = urlOf(endpoint, null);
  if (api === null) {
    throw new KnownFailure(
      'CF_API',
      `The API endpoint ${oneLine(endpoint, 100)} is no web address: set it with cf api.`,
    );
  }
  const answer = await getJson(web, new URL('/', api), apiRoot, null);
  if (!answer.ok) {
    const { error } = answer;
    const said = `The API ${api.origin} ${requestErrorText(error)}.`;
    if (error.kind === 'certificate') {
      throw new KnownFailure('TLS_UNTRUSTED', `${said} ${certificateAdvice(api, error)}`);
    }
    const proxied =
      error.kind === 'unreachable' ? ' This plugin connects directly, without https_proxy.' : '';
    throw new KnownFailure('CF_API', `${said} Look whether cf api works.${proxied}`);
  }
  const { log_cache, cloud_controller_v3 } = answer.value.links;
  const logCache = urlOf(log_cache?.href ?? '', api);
  if (logCache === null) {
    throw new KnownFailure(
      'CF_API',
      `The API ${api.origin} names no Log Cache (links.log_cache) that may be given the token: this needs a foundation with Log Cache.`,
    );
  }
  return { api, logCache, cloudController: urlOf(cloud_controller_v3?.href ?? '', api) };
}

/** Null for a link from https to http: the token would travel unencrypted. */
function urlOf(text: string, api: URL | null): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== (api?.protocol ?? 'http:')) return null;
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
}

/** From the Cloud Controller. Untrusted: escape them on output. */
interface AppNames {
  readonly name: string;
  readonly space: string | null;
  readonly organization: string | null;
}

export interface NamesFound {
  readonly names: ReadonlyMap<string, AppNames>;
  /** A sentence that says why some names are missing; null where none is. */
  readonly missing: string | null;
}

/** 50 GUIDs make an address of 2,000 characters, which every proxy accepts. */
const CHUNK = 50;
/** Ten requests at most. Names do not help where more apps than that are untracked. */
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
 * The names of apps with their spaces and organizations, from the Cloud Controller's v3 API. It
 * never fails: `missing` says which names it could not get.
 */
export async function appNames(
  web: Web,
  cloudController: URL | null,
  token: string,
  appIds: readonly string[],
): Promise<NamesFound> {
  // A text with commas would be read as several GUIDs; one that is not a GUID names no app.
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
    else why ??= requestErrorText(answer.error);
  }
  if (why !== null) {
    return { names, missing: `The Cloud Controller ${why}: apps are shown by GUID.` };
  }
  return { names, missing: hiddenText(guids.length, asked.length, names.size) };
}

function hiddenText(wanted: number, asked: number, found: number): string | null {
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
