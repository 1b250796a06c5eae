import * as v from 'valibot';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { certificateAdvice, getJson, type HttpClient } from '../http/client.ts';

const link = v.nullish(v.object({ href: v.pipe(v.string(), v.maxLength(2048)) }));
const apiRoot = v.object({ links: v.object({ log_cache: link, cloud_controller_v3: link }) });

/**
 * Requests the address of Log Cache from the API root, because it cannot be derived from the API's
 * address.
 * @throws KnownFailure CF_API, TLS_UNTRUSTED
 */
export async function findFoundation(client: HttpClient, endpoint: string) {
  const failure = (what: string): KnownFailure => new KnownFailure('CF_API', what);
  const api = urlOf(endpoint, null);
  if (api === null) {
    const said = oneLine(endpoint, 100);
    throw failure(`The API endpoint ${said} is not a web address: set it with cf api.`);
  }
  const answer = await getJson(client, new URL('/', api), apiRoot, null);
  if (!answer.ok) {
    const { error } = answer;
    const said = `The API ${api.origin} ${error.text}.`;
    if (error.kind === 'certificate') {
      throw new KnownFailure('TLS_UNTRUSTED', `${said} ${certificateAdvice(api, error.code)}`);
    }
    throw failure(`${said} Check that cf api works and that https_proxy is right.`);
  }
  const { log_cache, cloud_controller_v3 } = answer.value.links;
  const logCache = urlOf(log_cache?.href ?? '', api);
  if (logCache === null) {
    throw failure(
      `The API ${api.origin} names no Log Cache (links.log_cache) that may be given the token: this needs a foundation with Log Cache.`,
    );
  }
  // The clock of this machine may be wrong, so it is used only to count on from the answer's time.
  const at = answer.at ?? Date.now() / 1000;
  const received = performance.now();
  return {
    api,
    logCache,
    /** Ends in `/v3`. */
    cloudController: urlOf(cloud_controller_v3?.href ?? '', api),
    /** Unix time in seconds, by the clock of the API. */
    now: (): number => at + (performance.now() - received) / 1000,
  };
}

/** Null for a link from https to http, which would send the token unencrypted. */
function urlOf(text: string, api: URL | null): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== (api?.protocol ?? 'http:')) return null;
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
}
