import * as v from 'valibot';
import { messageOf } from '../model/failure.ts';
import { excessOf, MAX_VALUES } from '../model/json-bounds.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** Parses a JSON text; fails with the reason if it is not valid, or would cost too much (`excessOf`). */
export function jsonIn(json: string, maxValues = MAX_VALUES): Parsed<unknown> {
  const excess = excessOf(json, maxValues);
  if (excess !== null) return { ok: false, why: `it ${excess}` };
  try {
    return { ok: true, value: JSON.parse(json) };
  } catch {
    return { ok: false, why: 'it is not valid JSON' };
  }
}

/** The value of a JSON text; undefined, which JSON cannot express, if it is not valid or would cost too much. */
export function parseJson(json: string): unknown {
  const parsed = jsonIn(json);
  return parsed.ok ? parsed.value : undefined;
}

/** The `schemaVersion` of a value; null if it has none. */
export function schemaVersionOf(value: unknown): number | null {
  const versioned = v.safeParse(v.object({ schemaVersion: v.number() }), value);
  return versioned.success ? versioned.output.schemaVersion : null;
}

/** The value as the schema describes it; otherwise where it first differs. */
export function parsedBy<T>(schema: v.GenericSchema<unknown, T>, value: unknown): Parsed<T> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return { ok: true, value: parsed.output };
  const place = v.getDotPath(parsed.issues[0]) ?? 'its top';
  return { ok: false, why: `invalid value at ${place}` };
}

/** The object in a JSON text; null if it is invalid. */
export function objectIn<T>(json: string, schema: v.GenericSchema<unknown, T>): T | null {
  const value = parseJson(json);
  // valibot accepts an array as an object.
  const parsed = Array.isArray(value) ? null : parsedBy(schema, value);
  return parsed?.ok === true ? parsed.value : null;
}

export const text = v.pipe(v.string(), v.maxLength(1_000_000));
export const count = v.pipe(v.number(), v.finite());
/** As `Date.toISOString` writes it, with or without a fraction: it is shown and compared as is. */
export const time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/),
  v.check((at) => !Number.isNaN(Date.parse(at))),
);
/** A whole number from 0. */
export const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** `v.record` drops keys called `__proto__`, `prototype` and `constructor`. */
export const recordOf = <T>(value: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.custom<object>((record) => typeof record === 'object' && record !== null),
    v.transform((record) => Object.entries(record)),
    v.array(v.tuple([text, value])),
    v.transform((pairs): Readonly<Record<string, T>> => Object.fromEntries(pairs)),
  );

export interface TextPosition {
  /** Counted from 1, in UTF-16 units. */
  readonly line: number;
  readonly column: number;
}

/**
 * Where a text stops being the beginning of valid JSON; null if it is valid. JSON.parse gives no
 * position of an unexpected character, so this searches for the shortest beginning that nothing can
 * complete. Of each shorter one V8 says that it ends too early, or names its end as the position.
 */
export function jsonErrorAt(json: string): TextPosition | null {
  if (beginningIn(json) === 'whole') return null;
  let [possible, broken] = [0, json.length + 1];
  while (broken - possible > 1) {
    const middle = Math.floor((possible + broken) / 2);
    if (beginningIn(json.slice(0, middle)) === 'broken') broken = middle;
    else possible = middle;
  }
  const before = json.slice(0, possible).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function beginningIn(json: string): 'whole' | 'cut' | 'broken' {
  try {
    JSON.parse(json);
    return 'whole';
  } catch (error) {
    const said = messageOf(error);
    const isCut = said.includes('end of JSON input') || said.includes(`position ${json.length}`);
    return isCut ? 'cut' : 'broken';
  }
}
