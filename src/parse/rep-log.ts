import * as v from 'valibot';
import type { Handle } from '../model/ids.ts';
import type { RepLog } from '../model/answers.ts';
import { objectIn } from './json.ts';

/** Lager writes either RFC 3339 or seconds since 1970 (lager formatting). */
const line = v.object({
  timestamp: v.pipe(v.string(), v.maxLength(64)),
  message: v.pipe(v.string(), v.maxLength(1024)),
});
/** The first 36 characters of a process guid are the guid of the app. */
const PROCESS_GUID = /"process[-_]?guid":"([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})-/i;
const MAX_LINES = 5;

/**
 * How rep names the failures that leave a container behind (executor depot/containerstore/storenode.go
 * destroyContainer, initializer/initializer.go destroyContainers). After the first two it counts
 * the container as destroyed.
 */
const EXPLAINING = new Set([
  'container-not-found-in-garden',
  'container-destroy-in-progress',
  'failed-to-delete-garden-container',
  'failed-to-destroy-container-in-garden',
  'executor-failed-to-destroy-container',
]);

export const NOTHING_LOGGED: RepLog = { appId: null, explanation: null, lines: [], since: null };

/** How a line names a container. */
export const nameInRepLog = (handle: Handle): string => JSON.stringify(handle);

/** When a line was written; null: it is cut, or no line of rep's. */
export function timeOfRepLog(text: string): string | null {
  const read = objectIn(text, line);
  return read === null ? null : timeOf(read.timestamp);
}

/** With a line that names the container and is newer than the others. */
export function withNewer(before: RepLog, text: string): RepLog {
  const appId = PROCESS_GUID.exec(text)?.[1] ?? before.appId;
  const read = objectIn(text, line);
  if (read === null) return { ...before, appId };
  const newest = { at: timeOf(read.timestamp), message: read.message };
  const isExplaining = EXPLAINING.has(read.message.split('.').at(-1) ?? '');
  return {
    ...before,
    appId,
    explanation: isExplaining ? newest : before.explanation,
    lines: [newest, ...before.lines].slice(0, MAX_LINES),
  };
}

/** With what an older file says. */
export const withOlder = (newer: RepLog, older: RepLog): RepLog => ({
  appId: newer.appId ?? older.appId,
  explanation: newer.explanation ?? older.explanation,
  lines: [...newer.lines, ...older.lines].slice(0, MAX_LINES),
  since: older.since ?? newer.since,
});

function timeOf(timestamp: string): string {
  const seconds = /^\d{1,12}\.\d+$/.test(timestamp) ? Number(timestamp) : null;
  return seconds === null ? timestamp : new Date(seconds * 1000).toISOString();
}
