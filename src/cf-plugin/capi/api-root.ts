import * as v from 'valibot';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { certificateAdvice } from '../http/certificate-advice.ts';
import { requestErrorText } from '../http/request-error-text.ts';
import { getJson, type Web } from '../http/web.ts';

/** Where the servers of a foundation are; `cloudController` ends in `/v3`. */
export interface Foundation {
  readonly api: URL;
  readonly logCache: URL;
  readonly cloudController: URL | null;
}

const link = v.nullish(v.object({ href: v.pipe(v.string(), v.maxLength(2048)) }));
const apiRoot = v.object({ links: v.object({ log_cache: link, cloud_controller_v3: link }) });

/**
 * Asks the API root where Log Cache is; its address is no function of the API's.
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
    const { trouble } = answer;
    const said = `The API ${api.origin} ${requestErrorText(trouble)}.`;
    if (trouble.kind === 'certificate') {
      throw new KnownFailure('TLS_UNTRUSTED', `${said} ${certificateAdvice(api, trouble)}`);
    }
    const proxied =
      trouble.kind === 'unreachable' ? ' This plugin connects directly, without https_proxy.' : '';
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

/** Never from https to http: the token would travel in the open. */
function urlOf(text: string, api: URL | null): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== (api?.protocol ?? 'http:')) return null;
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
}
