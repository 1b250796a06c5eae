import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { root } from '../bootstrap/place.mjs';

/** Stricter than a Director, which ignores unknown keywords; here they are typing errors. */
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, verbose: true });

export const schemaFile = (job: string): string => `jobs/${job}/properties_schema.json`;

export function schemaOfJob(job: string): ValidateFunction {
  const schema: unknown = JSON.parse(readFileSync(path.join(root, schemaFile(job)), 'utf8'));
  return ajv.compile(v.parse(v.looseObject({}), schema));
}

export interface Rejection {
  readonly property: string;
  readonly value: unknown;
  readonly why: string;
}

export function rejections(validate: ValidateFunction, properties: unknown): readonly Rejection[] {
  return validate(properties) ? [] : (validate.errors ?? []).map(rejectionOf);
}

const described = v.object({ description: v.string() });

function rejectionOf(error: ErrorObject): Rejection {
  const { instancePath, keyword, params, data, message = 'is wrong', parentSchema } = error;
  const names = instancePath.split('/').slice(1);
  if (keyword === 'additionalProperties') {
    const unknown = String(params['additionalProperty']);
    return { property: [...names, unknown].join('.'), value: undefined, why: 'is not a property' };
  }
  // Ajv's message names the key that is missing.
  const says = keyword !== 'required' && v.is(described, parentSchema);
  const why = says ? `must be ${parentSchema.description}` : message;
  return { property: names.join('.'), value: data, why };
}

/**
 * Converts `a.b.c` to nested objects, as in a manifest and as a Director validates them.
 * @param section what becomes of a, and of b in it
 */
export function nested<T>(
  dotted: Readonly<Record<string, T>>,
  section: (below: Readonly<Record<string, T>>) => T,
): Readonly<Record<string, T>> {
  const groups = Map.groupBy(Object.entries(dotted), ([name]) => name.split('.', 1)[0] ?? '');
  return Object.fromEntries(
    [...groups].map(([head, all]) => {
      const own = dotted[head];
      if (own !== undefined) return [head, own];
      const below = all.map(([name, value]) => [name.slice(head.length + 1), value] as const);
      return [head, section(nested(Object.fromEntries(below), section))];
    }),
  );
}
