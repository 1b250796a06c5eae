import { key, nullableCount, nullableText, object, type TypeOf } from './shape.ts';

/**
 * Why there is no usable answer from Garden.
 * `not-http`: the listener does not speak HTTP.
 * `cut-short`: the connection ended in the middle of the answer.
 * `not-askable`: the handle cannot stand in a request path.
 */
export const GARDEN_FAILURE_CODES = [
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

export interface GardenFailure {
  readonly kind: 'failed';
  readonly code: GardenFailureCode;
  /**
   * One sentence for a person: what happened and what to do. Escaped, at most `MAX_WHY` characters.
   */
  readonly why: string;
}

/** Garden's answer, or why there is none. A failure is never an empty list. */
export type GardenAnswer<T> = { readonly kind: 'answered'; readonly value: T } | GardenFailure;

/** Leaves room for a log line of 900 bytes around it. */
export const MAX_WHY = 400;

/** A container's properties. Garden answers null for a handle without any, known or not. */
export type Properties = Readonly<Record<string, string>> | null;

/**
 * The app of a container according to its properties: untrusted texts of at most 256 characters.
 */
export const appIdentity = object({
  id: key(nullableText, 'The guid of the app.'),
  name: key(nullableText, 'Its name.'),
  spaceId: key(nullableText, 'The guid of its space.'),
  spaceName: key(nullableText, 'The name of its space.'),
  organizationId: key(nullableText, 'The guid of its organization.'),
  organizationName: key(nullableText, 'The name of its organization.'),
  index: key(nullableCount, 'The index of the instance, counted from 0.'),
  processType: key(nullableText, 'web, worker and so on; any string.'),
});
export type AppIdentity = TypeOf<typeof appIdentity>;

export const CONTAINER_KINDS = ['app-instance', 'task', 'health-check', 'other'] as const;
export type ContainerKind = (typeof CONTAINER_KINDS)[number];

/** Garden's properties of one container, and what they say about it. */
export interface ContainerProperties {
  /**
   * Null if Garden has none. A listed container with a live cgroup has some, unless they were lost.
   */
  readonly properties: Properties;
  readonly kind: ContainerKind;
  readonly app: AppIdentity | null;
  /**
   * `lost`: Garden has no property of it at all. `none`: only Garden's own `garden.*` keys, so its
   * client gave it none. (Measured: a crash of gdn leaves none of either kind.)
   */
  readonly owner: 'present' | 'none' | 'lost';
}
