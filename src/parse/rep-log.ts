import * as v from 'valibot';
import type { Handle } from '../model/ids.ts';
import type { RepLog } from '../model/answers.ts';
import { objectIn } from './json.ts';

/** Lager writes either RFC 3339 or seconds since 1970 (lager formatting). */
const line = v.object({
  timestamp: v.pipe(v.string(), v.maxLength(64)),
  message: v.pipe(v.string(), v.maxLength(1024)),
});
/** Its first 36 characters are the guid of the app. */
const PROCESS_GUID = /"process[-_]?guid":"([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})-/i;
const MAX_LINES = 5;

/** What the lines of rep's log that name a container say, newest first. */
export function repLogOf(text: string, handle: Handle): RepLog {
  const own = text
    .split('\n')
    .filter((one) => one.includes(`"${handle}"`))
    .toReversed();
  const guids = own.flatMap((one) => PROCESS_GUID.exec(one)?.[1] ?? []);
  return {
    appId: guids[0] ?? null,
    lines: own
      .flatMap((one) => objectIn(one, line) ?? [])
      .slice(0, MAX_LINES)
      .map(({ timestamp, message }) => ({ at: timeOf(timestamp), message })),
  };
}

function timeOf(timestamp: string): string {
  const seconds = /^\d{1,12}\.\d+$/.test(timestamp) ? Number(timestamp) : null;
  return seconds === null ? timestamp : new Date(seconds * 1000).toISOString();
}
