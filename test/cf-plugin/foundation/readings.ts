import * as v from 'valibot';
import type { Question } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { seriesSamples, type Sample } from '../../../src/cf-plugin/log-cache/answer.ts';
import type { Readings } from '../../../src/cf-plugin/log-cache/ask.ts';
import {
  EARLIER_SECONDS,
  LOOK_BACK_SECONDS,
  QUERY_NAMES,
  samplesOf,
  type QueryName,
} from '../../../src/cf-plugin/log-cache/queries.ts';
import { NOW } from '../standin/fleet.ts';
import { queried, type Series } from '../standin/log-cache.ts';

/** What the plugin reads from a Log Cache that holds these series, without a network between them. */
export function readingsOf(series: readonly Series[]): Readings {
  const samples = Object.fromEntries(
    QUERY_NAMES.map((name) => {
      const seconds = name === 'lastLook' ? EARLIER_SECONDS : LOOK_BACK_SECONDS;
      const { body } = queried(samplesOf(name, seconds), series, NOW);
      return [name, v.parse(seriesSamples, JSON.parse(body))];
    }),
  ) as unknown as Record<QueryName, readonly Sample[]>;
  return { now: NOW, clockError: null, samples, failed: [], oldest: NOW - 3600 };
}

export const question = (): Question => ({
  api: 'https://api.example.com',
  selection: { cell: null, deployment: null, untrackedOnly: false },
  expectedCells: null,
});
