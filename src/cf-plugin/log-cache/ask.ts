import { below } from '../capi/api-root.ts';
import type { Answer, Trouble } from '../http/trouble.ts';
import { getJson, type Web } from '../http/web.ts';
import { instantVector, oldestEnvelope, type Sample } from './answer.ts';
import { QUERIES, QUERY_NAMES, type QueryName } from './queries.ts';

/** What Log Cache said in one round. */
export interface Readings {
  /** Of a query that failed: none. */
  readonly samples: Readonly<Record<QueryName, readonly Sample[]>>;
  readonly failed: readonly { readonly query: QueryName; readonly trouble: Trouble }[];
  /** Unix time in seconds of the oldest that Log Cache still holds of the cells; null where it did not say. */
  readonly oldest: number | null;
}

/** All queries at once; how many connections that takes is bounded by `web`. */
export async function askLogCache(web: Web, logCache: URL, token: string): Promise<Readings> {
  // Ascending is the default order, so the first is the oldest.
  const read = getJson(
    web,
    below(logCache, '/api/v1/read/rollcall', { limit: '1' }),
    oldestEnvelope,
    token,
  );
  const answers = await Promise.all(
    QUERY_NAMES.map(async (query): Promise<readonly [QueryName, Answer<readonly Sample[]>]> => {
      const url = below(logCache, '/api/v1/query', { query: QUERIES[query] });
      return [query, await getJson(web, url, instantVector, token)];
    }),
  );
  const samples: Record<QueryName, readonly Sample[]> = {
    build: [],
    containers: [],
    untracked: [],
    listed: [],
    gardenUp: [],
    couldNotTell: [],
    omitted: [],
    lastLook: [],
    lastLookAge: [],
    findings: [],
    findingsAge: [],
    earlier: [],
    scrapeInterval: [],
  };
  const failed: { query: QueryName; trouble: Trouble }[] = [];
  for (const [query, answer] of answers) {
    if (answer.ok) samples[query] = answer.value;
    else failed.push({ query, trouble: answer.trouble });
  }
  const oldest = await read;
  return { samples, failed, oldest: oldest.ok ? oldest.value : null };
}
