import type { ByteString, Device, Handle } from './ids.ts';

/*
 * The shape of JSON as data. One declaration gives its type (`TypeOf`), its parser (`schemaOf` in
 * src/parse/schema.ts) and, for an answer, its JSON Schema (tools/json-schemas.ts) and its table in
 * docs/appendix/json.md (tools/interfaces-page.ts).
 */

/** The shape of a `T`. */
export type Shape<T = unknown> = Form & {
  /** Only for the compiler: no shape has it. */
  readonly type?: T;
};

type Form =
  /** `time` is RFC 3339 in UTC, `count` a whole number from 0, `amount` any number from 0. */
  | { readonly kind: 'text' | 'time' | 'count' | 'amount' | 'flag' | 'null' | 'anything' }
  | { readonly kind: 'choice'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'nullable' | 'record'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape; readonly most: number }
  | FormInFiles
  | { readonly kind: 'union'; readonly forms: readonly Shape[] }
  | { readonly kind: 'object'; readonly keys: Keys };

/** Only in our own files. An `instant` is milliseconds since 1970; a `map` is the list of its entries. */
type FormInFiles =
  | { readonly kind: 'number' | 'instant' }
  | { readonly kind: 'matching'; readonly pattern: RegExp }
  | { readonly kind: 'map'; readonly by: Shape; readonly of: Shape; readonly most: number };

export type TypeOf<S extends Shape> = S extends { readonly type?: infer T } ? T : never;

export const text: Shape<string> = { kind: 'text' };
export const time: Shape<string> = { kind: 'time' };
export const count: Shape<number> = { kind: 'count' };
export const amount: Shape<number> = { kind: 'amount' };
export const flag: Shape<boolean> = { kind: 'flag' };
export const nothing: Shape<null> = { kind: 'null' };
export const anything: Shape = { kind: 'anything' };

/** The bound of a list or a map, which may come from another machine. */
const MAX_ENTRIES = 200_000;
export const number: Shape<number> = { kind: 'number' };
export const instant: Shape<number> = { kind: 'instant' };
export const handle: Shape<Handle> = { kind: 'text' };
export const bytes: Shape<ByteString> = { kind: 'matching', pattern: /^[\x00-\xff]*$/ };
export const device: Shape<Device> = { kind: 'matching', pattern: /^\d+:\d+$/ };
export const matching = (pattern: RegExp): Shape<string> => ({ kind: 'matching', pattern });
/** `ENOENT`, or a code of Node's own. */
export const errno = matching(/^[A-Z0-9_]{1,32}$/);

export const choice = <const T extends string | number>(...values: readonly T[]): Shape<T> => ({
  kind: 'choice',
  values,
});
export const nullable = <T>(of: Shape<T>): Shape<T | null> => ({ kind: 'nullable', of });
export const list = <T>(of: Shape<T>, most = MAX_ENTRIES): Shape<readonly T[]> => ({
  kind: 'list',
  of,
  most,
});
export const record = <T>(of: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  kind: 'record',
  of,
});
export const map = <K, T>(
  by: Shape<K>,
  of: Shape<T>,
  most = MAX_ENTRIES,
): Shape<ReadonlyMap<K, T>> => ({ kind: 'map', by, of, most });
export const union = <S extends readonly Shape[]>(...forms: S): Shape<TypeOf<S[number]>> => ({
  kind: 'union',
  forms,
});
export const object = <K extends Keys>(keys: K): ObjectShape<K> => ({ kind: 'object', keys });

export const nullableText = nullable(text);
export const nullableTime = nullable(time);
export const nullableCount = nullable(count);

export interface Key<T = unknown> {
  readonly shape: Shape<T>;
  readonly description: string;
  /** Whether some answers lack it. */
  readonly isOptional: boolean;
  /** What a reader takes if it is absent, because the version that wrote it did not have it. */
  readonly absent?: T;
}
export type Keys = Readonly<Record<string, Key>>;

interface OptionalKey<T> extends Key<T> {
  readonly isOptional: true;
}
interface RequiredKey<T> extends Key<T> {
  readonly isOptional: false;
}

export const key = <T>(shape: Shape<T>, description: string): RequiredKey<T> => ({
  shape,
  description,
  isOptional: false,
});

export const optionalKey = <T>(shape: Shape<T>, description: string): OptionalKey<T> => ({
  shape,
  description,
  isOptional: true,
});

export type ObjectShape<K extends Keys> = Shape<ObjectOf<K>> & { readonly keys: K };

type ObjectOf<K extends Keys> = Flat<
  {
    readonly [P in keyof K as K[P] extends RequiredKey<unknown> ? P : never]: ValueOf<K[P]>;
  } & {
    readonly [P in keyof K as K[P] extends OptionalKey<unknown> ? P : never]?: ValueOf<K[P]>;
  }
>;
type ValueOf<K> = K extends { readonly shape: Shape<infer T> } ? T : never;
type Flat<T> = { readonly [P in keyof T]: T[P] };

type Fields = Readonly<Record<string, Shape | Key>>;
type FieldOf<F> = F extends Key<infer T> ? T : F extends Shape ? TypeOf<F> : never;
type StructShape<F extends Fields> = Shape<{ readonly [P in keyof F]: FieldOf<F[P]> }> & {
  readonly fields: F;
};

/** An object in our own files, whose keys no page describes. */
export const struct = <F extends Fields>(fields: F): StructShape<F> => ({
  kind: 'object',
  keys: Object.fromEntries(
    Object.entries(fields).map(([name, one]) => [name, 'shape' in one ? one : key(one, '')]),
  ),
  fields,
});

/**
 * A key that a version adds after others were released, and what its readers take from what those
 * wrote. A version that does not know a key ignores it, so that a new one does not change
 * `schemaVersion`.
 */
export const later = <T>(of: RequiredKey<T> | Shape<T>, absent: T): RequiredKey<T> => ({
  ...('shape' in of ? of : key(of, '')),
  absent,
});

/** In every answer. */
export const schemaVersion = key(
  choice(1),
  'A new number means that a key was changed or removed. New keys do not change it.',
);
