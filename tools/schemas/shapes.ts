import * as v from 'valibot';

/* The small shapes that make up the JSON of every command. */

/** A key with its documentation in the schema. */
export const described = <Schema extends v.GenericSchema>(schema: Schema, words: string) =>
  v.pipe(schema, v.description(words));

export const text = v.string();
export const nullableText = v.nullable(text);
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const nullableCount = v.nullable(count);
/** RFC 3339, UTC. */
export const time = v.pipe(v.string(), v.isoTimestamp());
export const nullableTime = v.nullable(time);
export const flag = v.boolean();

export const schemaVersion = described(
  v.literal(1),
  'A new number means that a key was changed or removed. New keys do not change it.',
);
