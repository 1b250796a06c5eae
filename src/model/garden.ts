import * as s from './shape.ts';
import { oneLine } from './text.ts';

/**
 * Why there is no usable answer from Garden.
 * `not-http`: the listener does not speak HTTP.
 * `cut-short`: the connection ended in the middle of the answer.
 * `not-askable`: the handle cannot stand in a request path.
 */
const GARDEN_FAILURE_CODES = [
  'socket-missing',
  'not-a-socket',
  'permission',
  'refused',
  'timeout',
  'reset',
  'cut-short',
  'not-http',
  'http-status',
  'too-large',
  'not-json',
  'wrong-shape',
  'not-askable',
] as const;
export type GardenFailureCode = (typeof GARDEN_FAILURE_CODES)[number];

const failure = s.struct({
  kind: s.choice('failed'),
  code: s.choice(...GARDEN_FAILURE_CODES),
  /** What happened and what to do, for a person. Escaped, at most `MAX_WHY` characters. */
  why: s.text,
});
export type GardenFailure = s.TypeOf<typeof failure>;

/** Garden's answer, or why there is none. A failure is never an empty list. */
export type GardenAnswer<T> = { readonly kind: 'answered'; readonly value: T } | GardenFailure;
export const gardenAnswer = <T>(value: s.Shape<T>): s.Shape<GardenAnswer<T>> => ({
  kind: 'union',
  forms: [s.struct({ kind: s.choice('answered'), value }), failure],
});

/** Leaves room for a log line of 900 bytes around it. */
export const MAX_WHY = 400;

/** @param why a sentence without its end: what happened, and what to do */
export const gardenFailure = (code: GardenFailureCode, why: string): GardenFailure => ({
  kind: 'failed',
  code,
  why: oneLine(`${why}.`, MAX_WHY),
});

/** A container's properties. Garden answers null for a handle without any, known or not. */
export type Properties = Readonly<Record<string, string>> | null;

/** The app of a container according to its properties: untrusted texts, at most 256 characters. */
export const appIdentity = s.object({
  id: s.key(s.nullableText, 'The guid of the app.'),
  name: s.key(s.nullableText, 'Its name.'),
  spaceId: s.key(s.nullableText, 'The guid of its space.'),
  spaceName: s.key(s.nullableText, 'The name of its space.'),
  organizationId: s.key(s.nullableText, 'The guid of its organization.'),
  organizationName: s.key(s.nullableText, 'The name of its organization.'),
  index: s.key(s.nullableCount, 'The index of the instance, counted from 0.'),
  processType: s.key(s.nullableText, 'web, worker and so on; any string.'),
});
export type AppIdentity = s.TypeOf<typeof appIdentity>;

export const CONTAINER_KINDS = ['app-instance', 'task', 'health-check', 'other'] as const;
export type ContainerKind = (typeof CONTAINER_KINDS)[number];

/** Only these rep keeps in memory, and destroys until that succeeds. */
export const isAppOrTask = (kind: ContainerKind): boolean =>
  kind === 'app-instance' || kind === 'task';

export const containerProperties = s.struct({
  /** Null if Garden has none. A listed container with a live cgroup has some, if not lost. */
  properties: s.nullable(s.record(s.text)),
  kind: s.choice(...CONTAINER_KINDS),
  app: s.nullable(appIdentity),
  /** `lost`: no property at all, as after a crash of gdn. `none`: only Garden's own `garden.*`. */
  owner: s.choice('present', 'none', 'lost'),
});
export type ContainerProperties = s.TypeOf<typeof containerProperties>;
