import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

/**
 * Compiles jobs/NAME/properties_schema.json as a Director does, but stricter: a Director ignores
 * unknown keywords; here they are typing errors.
 * @throws Error with the first fault of the schema
 */
export const compileSchema = (schema: Readonly<Record<string, unknown>>): ValidateFunction =>
  new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, verbose: true }).compile(
    schema,
  );

/** What a schema rejects in the properties of a job. */
export interface Rejection {
  /** The dotted name of the property. */
  readonly property: string;
  readonly value: unknown;
  readonly why: string;
}

export function rejections(validate: ValidateFunction, properties: unknown): readonly Rejection[] {
  return validate(properties) ? [] : (validate.errors ?? []).map(rejectionOf);
}

function rejectionOf({ instancePath, keyword, params, data, message }: ErrorObject): Rejection {
  const names = instancePath.split('/').slice(1);
  if (keyword !== 'additionalProperties')
    return { property: names.join('.'), value: data, why: message ?? 'is wrong' };
  const unknown = String(params['additionalProperty']);
  return { property: [...names, unknown].join('.'), value: undefined, why: 'is not a property' };
}
