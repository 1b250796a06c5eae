import * as v from 'valibot';
import type { Question } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { instantVector } from '../../../src/cf-plugin/log-cache/answer.ts';
import type { Readings } from '../../../src/cf-plugin/log-cache/ask.ts';
import { QUERIES, type QueryName } from '../../../src/cf-plugin/log-cache/queries.ts';
import { NOW } from '../standin/fleet.ts';
import { queried, type Series } from '../standin/log-cache.ts';

/** What the plugin reads from a Log Cache that holds these series, without a network between them. */
export function readingsOf(series: readonly Series[]): Readings {
  const samples = Object.fromEntries(
    Object.entries(QUERIES).map(([name, query]) => [
      name,
      v.parse(instantVector, JSON.parse(queried(query, series, NOW).body)),
    ]),
  ) as unknown as Record<QueryName, ReturnType<typeof v.parse<typeof instantVector>>>;
  return { samples, failed: [], oldest: NOW - 3600 };
}

export const question = (): Question => ({
  api: 'https://api.example.com',
  selection: { cell: null, deployment: null, untrackedOnly: false },
  expectedCells: null,
  now: NOW,
});
