/*
 * What a value of the configuration may be, as JSON Schema with few keywords. Three programs check
 * values with it: the agent (src/parse/agent-config.ts), the job's template (agent.json.erb) and a
 * Director (properties_schema.json).
 */

/** What a `T` may be. */
export interface Allowed<T = unknown> {
  /** Completes "must be". */
  readonly description: string;
  readonly type?: JsonType | readonly JsonType[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** A pattern for the whole text, in the syntax that JavaScript and Ruby share. */
  readonly pattern?: string;
  /** In characters for JSON Schema, in bytes of UTF-8 for agent and template. */
  readonly maxLength?: number;
  readonly items?: Allowed;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Allowed>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  /** A secret, which no message may show. */
  readonly writeOnly?: true;
  /** The value of a key that is left out; a key without a default is required. */
  readonly default?: unknown;
  /** Only for the compiler: it is never set. */
  readonly value?: T;
}

export type JsonType = 'array' | 'integer' | 'null' | 'number' | 'object' | 'string';

export type ValueOf<A> = A extends { readonly value?: infer T } ? T : never;

export const seconds = (minimum: number, maximum: number): Allowed<number> => ({
  description: `a number of seconds from ${minimum} to ${maximum}`,
  type: 'number',
  minimum,
  maximum,
});

export const whole = (minimum: number, maximum: number): Allowed<number> => ({
  description: `a whole number from ${minimum} to ${maximum}`,
  type: 'integer',
  minimum,
  maximum,
});

export const flag: Allowed<boolean> = { description: 'true or false', enum: [true, false] };

export const choice = <T extends string>(values: readonly T[]): Allowed<T> => ({
  description: `one of ${values.join(', ')}`,
  enum: values,
});

/**
 * @param pattern of the whole text, from `^` to `$`
 * @param limit unless the pattern bounds the length, or the length does not matter
 */
export const text = (
  description: string,
  pattern: RegExp,
  limit: Pick<Allowed, 'maxLength'> = {},
): Allowed<string> => ({
  description,
  type: 'string',
  pattern: pattern.source.replaceAll('\\/', '/'),
  ...limit,
});

export const list = <T>(
  description: string,
  items: Allowed<T>,
  maxItems: number,
): Allowed<readonly T[]> => ({ description, type: 'array', items, maxItems });

export const object = <P extends Readonly<Record<string, Allowed>>>(
  description: string,
  properties: P,
): Allowed<{ readonly [Key in keyof P]: ValueOf<P[Key]> }> => ({
  description,
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => properties[key]?.default === undefined),
  additionalProperties: false,
});

export const orNull = <T>({ type = [], ...rest }: Allowed<T>): Allowed<T | null> => ({
  ...rest,
  type: [type, 'null' as const].flat(),
});
