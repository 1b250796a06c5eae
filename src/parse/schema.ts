import * as v from 'valibot';
import type { Key, Shape } from '../model/shape.ts';
import { count, recordOf, text, time, whole } from './json.ts';

/** Drops unknown keys, which another version may have written. The declaration ties the types. */
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
    case 'number':
      return count;
    case 'instant':
      return v.pipe(count, v.minValue(0), v.maxValue(MAX_INSTANT));
    case 'matching':
      return v.pipe(text, v.regex(shape.pattern));
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
      return v.pipe(v.array(schemaOf(shape.of)), v.maxLength(shape.most));
    case 'map':
      return v.pipe(
        v.array(v.tuple([schemaOf(shape.by), schemaOf(shape.of)])),
        v.maxLength(shape.most),
        v.transform((entries) => new Map(entries)),
      );
    case 'record':
      return recordOf(schemaOf(shape.of));
    case 'union':
      return unionOf(shape.forms);
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

/** What a Date can hold. */
export const MAX_INSTANT = 8.64e15;

/** By the key that distinguishes the forms, if one does: then an error is inside the form meant. */
function unionOf(forms: readonly Shape[]): v.GenericSchema {
  const [first] = forms;
  const names = first?.kind === 'object' ? Object.keys(first.keys) : [];
  for (const name of names) {
    const tagged = forms.flatMap((form) =>
      tagsOf(form, name).map((tag) => [tag, schemaOf(form)] as const),
    );
    const known = new Map<unknown, v.GenericSchema>(tagged);
    if (known.size < forms.length || known.size < tagged.length) continue;
    const noneOfThem = v.object({ [name]: v.picklist(tagged.map(([tag]) => tag)) });
    return v.lazy(
      (value) => known.get(new Map(Object.entries(value ?? {})).get(name)) ?? noneOfThem,
    );
  }
  return v.union(forms.map((form) => schemaOf(form)));
}

function tagsOf(form: Shape, name: string): readonly (string | number)[] {
  const shape = form.kind === 'object' ? form.keys[name]?.shape : undefined;
  return shape?.kind === 'choice' ? shape.values : [];
}

/** JSON.stringify fails on much deeper values, which JSON.parse accepts. */
const MAX_DEPTH = 16;

const isShallow = (value: unknown, left = MAX_DEPTH): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((one) => isShallow(one, left - 1)));

function schemaOfKey({ shape, isOptional, absent }: Key): v.GenericSchema {
  const schema = schemaOf(shape);
  if (isOptional) return v.exactOptional(schema);
  return absent === undefined ? schema : v.exactOptional(schema, absent);
}
