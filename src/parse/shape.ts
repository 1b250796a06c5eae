import * as v from 'valibot';
import type { Key, Shape } from '../model/shape.ts';
import { recordOf, text, time, whole } from './json.ts';

/**
 * The parser of a shape. It drops unknown keys, which another version may have written.
 * The declaration of the result ties it to the type of the shape, which no value carries.
 */
export function schemaOf<T>(shape: Shape<T>): v.GenericSchema<unknown, T>;
export function schemaOf(shape: Shape): v.GenericSchema {
  switch (shape.kind) {
    case 'text':
      return text;
    case 'time':
      return time;
    case 'count':
      return whole;
    case 'amount':
      return v.pipe(v.number(), v.finite(), v.minValue(0));
    case 'flag':
      return v.boolean();
    case 'null':
      return v.null();
    case 'anything':
      return v.pipe(
        v.unknown(),
        v.check((value) => isShallow(value)),
      );
    case 'choice':
      return v.picklist(shape.values);
    case 'nullable':
      return v.nullable(schemaOf(shape.of));
    case 'list':
      return v.array(schemaOf(shape.of));
    case 'record':
      return recordOf(schemaOf(shape.of));
    case 'union':
      return v.union(shape.forms.map((form) => schemaOf(form)));
    case 'object':
      return v.object(
        Object.fromEntries(
          Object.entries(shape.keys).map(([name, key]) => [name, schemaOfKey(key)]),
        ),
      );
    default:
      return shape satisfies never;
  }
}

/** JSON.stringify fails on much deeper values, which JSON.parse accepts. */
const MAX_DEPTH = 16;

const isShallow = (value: unknown, left = MAX_DEPTH): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((one) => isShallow(one, left - 1)));

function schemaOfKey({ shape, isOptional, absent, otherwise }: Key): v.GenericSchema {
  const schema = schemaOf(shape);
  if (isOptional) return v.exactOptional(schema);
  if (absent !== undefined) return v.optional(schema, absent);
  return otherwise === undefined ? schema : v.fallback(schema, otherwise);
}
