import * as v from 'valibot';
import { EXPLANATION_KINDS, REASONS } from '../model/finding.ts';
import { CONTAINER_KINDS } from '../model/garden.ts';
import type { ReportView } from '../model/report-view.ts';
import {
  appIdentity,
  cellIdentity,
  count,
  nullableText,
  parseJson,
  placeOf,
  recordOf,
  schemaVersionOf,
  text,
} from './json.ts';
import type { EventView } from '../model/agent-state.ts';
import { oneLine } from '../model/text.ts';

const MAX_EVENTS = 10_000;
/**
 * An agent's answers nest three levels deep. JSON.stringify fails on much deeper values, which
 * JSON.parse accepts.
 */
const MAX_DEPTH = 16;
const DRILL_SECONDS = 300;
const MAX_DRILL_SECONDS = 3600;

export type ParsedReport =
  | { readonly ok: true; readonly view: ReportView }
  | { readonly ok: false; readonly why: string };

/**
 * The answer to `GET /v1/report`. Drops unknown keys, which an agent of another version may send.
 */
export function parseReportJson(json: string): ParsedReport {
  const value = parseJson(json);
  if (value === undefined) return { ok: false, why: 'it is not complete JSON' };
  const version = schemaVersionOf(value);
  if (version !== null && version !== 1) {
    return { ok: false, why: `it has the schemaVersion ${version}, this rollcall reads 1` };
  }
  const parsed = v.safeParse(view, value, { abortEarly: true });
  if (parsed.success) return { ok: true, view: parsed.output };
  return { ok: false, why: `invalid value at ${placeOf(parsed.issues)}` };
}

export type ParsedEvents =
  | { readonly ok: true; readonly events: readonly EventView[] }
  | { readonly ok: false; readonly why: string };

/** The answer to `GET /v1/events`: an array, newest first. */
export function parseAgentEvents(json: string): ParsedEvents {
  const value = parseJson(json);
  if (value === undefined) return { ok: false, why: 'it is not JSON' };
  const parsed = v.safeParse(events, value, { abortEarly: true });
  if (parsed.success) return { ok: true, events: parsed.output };
  return { ok: false, why: `invalid value at ${placeOf(parsed.issues)}` };
}

/**
 * The error in an answer with a status other than 200, at most 400 characters; the beginning of the
 * body if it is not the agent's JSON.
 */
export function parseAgentError(body: string): string {
  const parsed = v.safeParse(v.object({ error: v.string() }), parseJson(body));
  return parsed.success ? oneLine(parsed.output.error, 400) : oneLine(body.trim(), 200);
}

/** The seconds in the body of `POST /v1/drill`, 300 by default; null if the body is invalid. */
export const parseDrillRequest = (body: string): number | null =>
  body.trim() === '' ? DRILL_SECONDS : (objectOf(drillRequest, body)?.forSeconds ?? null);

/** The answer to `POST /v1/drill`; null if it is invalid. */
export const parseDrillAnswer = (body: string): v.InferOutput<typeof drillAnswer> | null =>
  objectOf(drillAnswer, body);

const drillRequest = v.strictObject({
  forSeconds: v.optional(
    v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_DRILL_SECONDS)),
    DRILL_SECONDS,
  ),
});
const drillAnswer = v.object({ handle: v.string(), until: v.string() });

function objectOf<T extends v.GenericSchema>(schema: T, json: string): v.InferOutput<T> | null {
  const value = parseJson(json);
  // valibot accepts an array as an object.
  if (Array.isArray(value)) return null;
  const { success, output } = v.safeParse(schema, value);
  return success ? output : null;
}

const isShallow = (value: unknown, left = MAX_DEPTH): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((one) => isShallow(one, left - 1)));

const event = v.object({
  at: text,
  message: text,
  handle: v.optional(nullableText, null),
  reason: v.optional(nullableText, null),
  sentence: text,
  data: v.pipe(
    v.unknown(),
    v.check((data) => isShallow(data)),
  ),
});
const events: v.GenericSchema<unknown, EventView[]> = v.pipe(
  v.array(event),
  v.maxLength(MAX_EVENTS),
);

const hierarchy = v.object({
  device: nullableText,
  version: v.picklist([1, 2]),
  controllers: v.array(text),
  name: nullableText,
  chosen: v.nullable(
    v.object({ mountPoint: text, mountId: v.nullable(count), root: nullableText }),
  ),
  confirmed: v.nullable(v.boolean()),
  why: text,
});
const acknowledgement = v.object({ until: text, reason: text, by: nullableText });
const container = v.object({
  handle: text,
  kind: v.picklist(CONTAINER_KINDS),
  status: v.picklist(['tracked', 'pending', 'untracked']),
  reason: v.nullable(v.picklist(REASONS)),
  severity: v.nullable(v.picklist(['warning', 'critical'])),
  since: nullableText,
  explanation: v.picklist(EXPLANATION_KINDS),
  sentence: text,
  advice: nullableText,
  drill: v.boolean(),
  // Absent in answers of earlier versions.
  acknowledged: v.optional(v.nullable(acknowledgement), null),
  app: v.nullable(appIdentity),
  privileged: v.boolean(),
  throttled: v.boolean(),
  pids: count,
  processes: v.array(
    v.object({ pid: count, parentPid: count, uid: count, startedAt: text, command: text }),
  ),
  cgroups: recordOf(text),
  peas: v.array(text),
});
const absent = v.pipe(
  v.unknown(),
  v.transform(() => null),
);
const observation = v.object({
  name: text,
  format: text,
  path: text,
  state: v.picklist(['fresh', 'stale', 'absent', 'unreadable', 'cannot-be-told']),
  up: v.boolean(),
  silent: v.boolean(),
  seen: count,
  unseen: v.array(text),
  expectedUnseen: count,
  undecided: count,
  unknownIds: v.array(text),
  unknownIdsOmitted: count,
  lastLineAt: nullableText,
  sentence: text,
});
const sensor = v.object({
  name: text,
  title: text,
  // Whatever a later version knows about these two is not ours to show.
  version: absent,
  pid: v.nullable(count),
  startedAt: nullableText,
  unit: nullableText,
  olderContainers: v.nullable(count),
  containers: v.nullable(count),
  prediction: v.nullable(
    v.object({
      seen: count,
      missed: count,
      misnamed: count,
      unknown: count,
      knownLimits: count,
      mount: nullableText,
    }),
  ),
  blind: v.nullable(v.boolean()),
  sentence: text,
  // Absent in answers of earlier versions; a later version's may have another form.
  observation: v.fallback(v.nullable(observation), null),
});
const warning = v.object({ reason: text, containers: count, worst: text, sentence: text });
const view: v.GenericSchema<unknown, ReportView> = v.object({
  schemaVersion: v.literal(1),
  takenAt: text,
  durationMilliseconds: count,
  verdict: v.picklist(['all-tracked', 'untracked', 'unknown']),
  why: text,
  cell: v.object({
    hostname: text,
    bootId: text,
    // A later version's may have another form.
    bosh: v.fallback(v.optional(v.nullable(cellIdentity), null), null),
    scopes: recordOf(text),
    // Absent in answers of earlier versions, like `held`.
    warnings: v.optional(v.array(warning), []),
  }),
  cgroups: v.object({
    mode: v.picklist(['v1', 'hybrid', 'v2', 'none']),
    namespace: v.picklist(['initial', 'private']),
    primary: nullableText,
    anchor: v.nullable(
      v.object({
        source: v.picklist(['process', 'memory', 'walk']),
        pid: v.nullable(count),
        path: text,
      }),
    ),
    hierarchies: v.array(hierarchy),
  }),
  garden: v.variant('state', [
    v.object({ state: v.literal('known'), listed: count }),
    v.object({ state: v.literal('unavailable'), since: text, why: text }),
  ]),
  containers: v.array(container),
  // Absent in answers of earlier versions.
  sensors: v.optional(v.array(sensor), []),
  seen: count,
  held: v.optional(v.nullable(v.object({ memoryBytes: v.nullable(count), pids: count })), null),
  leftovers: v.optional(
    v.nullable(v.object({ cgroups: count, rootfsMounts: v.nullable(count) })),
    null,
  ),
  ignored: v.object({
    bpm: count,
    docker: count,
    systemd: count,
    'other-garden': count,
    unrecognised: count,
  }),
  stale: v.array(text),
  staleOmitted: count,
  summary: v.object({
    listed: count,
    tracked: count,
    pending: count,
    untracked: count,
    // Absent in answers of earlier versions.
    undecided: v.optional(count, 0),
    acknowledged: v.optional(count, 0),
    byReason: recordOf(count),
  }),
});
