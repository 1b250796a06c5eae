import type { ValidateFunction } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { compileSchema, nested, rejections } from './properties-schema.ts';
import type { ReleaseJob } from './read-release.ts';
import { hasDefault, type JobProperty, type ReleaseFinding } from './spec-files.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

const RootSchema = v.looseObject({ $schema: v.literal(DRAFT) });

const NodeSchema = v.looseObject({
  properties: v.optional(v.record(v.string(), v.unknown())),
  default: v.optional(v.unknown()),
});

interface Leaf {
  readonly name: string;
  readonly default: unknown;
}

/**
 * Checks jobs/NAME/properties_schema.json, with which a Director validates properties before it
 * renders, against the spec and with the spec's defaults and examples.
 */
export function checkSchema(job: ReleaseJob): readonly ReleaseFinding[] {
  const file = `jobs/${job.folder}/properties_schema.json`;
  const say = (what: string, todo: string): ReleaseFinding => ({ file, what, todo });
  const text = job.texts.get('properties_schema.json');
  if (text === undefined) return [say('is missing', 'write it')];
  const schema = jsonOf(text);
  if (schema === undefined) return [say('is not valid JSON', 'correct it')];
  const top = v.safeParse(RootSchema, schema);
  if (!top.success) return [say('$schema is not draft 2020-12', `write "$schema": "${DRAFT}"`)];
  const compiled = compile(top.output);
  if (typeof compiled === 'string')
    return [say(`is not a valid schema of that draft (${compiled})`, 'correct it')];
  const leaves = leavesOf(top.output, '', new Set(Object.keys(job.spec.properties)));
  return [
    ...differences(job, leaves).map(([what, todo]) => say(what, todo)),
    ...rejected(compiled, job).map((what) => say(what, 'correct the schema or the spec')),
  ];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function compile(schema: Readonly<Record<string, unknown>>): ValidateFunction | string {
  try {
    return compileSchema(schema);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The properties in a schema: a branch ends where the spec declares it or where the schema ends.
 */
function leavesOf(node: unknown, name: string, declared: ReadonlySet<string>): readonly Leaf[] {
  const parsed = v.safeParse(NodeSchema, node);
  const { properties, default: fallback } = parsed.success ? parsed.output : {};
  if (name !== '' && (properties === undefined || declared.has(name)))
    return [{ name, default: fallback }];
  return Object.entries(properties ?? {}).flatMap(([key, below]) =>
    leavesOf(below, name === '' ? key : `${name}.${key}`, declared),
  );
}

type Difference = readonly [what: string, todo: string];

function differences({ folder, spec }: ReleaseJob, leaves: readonly Leaf[]): readonly Difference[] {
  const spelled = new Map(leaves.map((leaf) => [leaf.name, leaf]));
  const extra = leaves.filter(({ name }) => !Object.hasOwn(spec.properties, name));
  const differing = Object.entries(spec.properties).flatMap(
    ([name, property]): readonly Difference[] => {
      const leaf = spelled.get(name);
      if (leaf === undefined) return [[`does not name ${name}`, 'add it']];
      return JSON.stringify(leaf.default ?? null) === JSON.stringify(fallbackOf(property))
        ? []
        : [[`has a different default for ${name} than the spec`, 'use the same default']];
    },
  );
  const undeclared = extra.map(({ name }): Difference => [
    `names ${name}, which jobs/${folder}/spec does not declare`,
    'remove it',
  ]);
  return [...undeclared, ...differing];
}

/** Validates the defaults alone, as on most cells, and the examples. */
function rejected(validate: ValidateFunction, { spec }: ReleaseJob): readonly string[] {
  const whys = (valueOf: (property: JobProperty) => unknown): readonly string[] =>
    rejections(validate, instanceOf(spec.properties, valueOf)).map(
      ({ property, why }) => `${property} ${why}`,
    );
  const defaults = whys(fallbackOf);
  const examples = whys((property) =>
    isVariable(property.example) ? fallbackOf(property) : property.example,
  );
  return [
    ...defaults.map((why) => `rejects the defaults of the spec (${why})`),
    ...examples.map((why) => `rejects the examples of the spec (${why})`),
  ];
}

/** A property without a default reaches the schema as null. */
const fallbackOf = (property: JobProperty): unknown =>
  hasDefault(property) ? property.default : null;

/** ((name)): only the Director knows the value. */
const isVariable = (example: unknown): boolean =>
  example === undefined || (typeof example === 'string' && /^\(\(.*\)\)$/.test(example.trim()));

const instanceOf = (
  properties: Readonly<Record<string, JobProperty>>,
  valueOf: (property: JobProperty) => unknown,
): Readonly<Record<string, unknown>> =>
  nested(
    Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, valueOf(property)]),
    ),
  );
