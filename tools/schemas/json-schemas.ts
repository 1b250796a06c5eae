import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import * as answers from './answers.ts';
import { container } from './container.ts';
import { hierarchy } from './hierarchy.ts';
import { report } from './report.ts';
import { sensor } from './sensor.ts';

/** Every JSON that rollcall writes for programs, by the name of its schema. */
const ANSWERS = {
  report: { schema: report, title: 'rollcall check --format json, and GET /v1/report' },
  status: { schema: answers.status, title: 'rollcall status --format json' },
  mounts: { schema: answers.mounts, title: 'rollcall mounts --format json' },
  explain: { schema: answers.explain, title: 'rollcall explain --format json' },
  sensors: { schema: answers.sensors, title: 'rollcall sensors --format json' },
  capture: { schema: answers.capture, title: 'rollcall capture --format json' },
  drill: { schema: answers.drill, title: 'rollcall drill --format json' },
  history: { schema: answers.history, title: 'rollcall status --since --format json' },
  hours: { schema: answers.hours, title: 'GET /v1/history' },
  ack: { schema: answers.ack, title: 'rollcall ack --format json' },
  events: { schema: answers.events, title: 'GET /v1/events, the newest first' },
} as const satisfies Record<string, { readonly schema: v.GenericSchema; readonly title: string }>;

export type SchemaName = keyof typeof ANSWERS;
const isSchemaName = (name: string): name is SchemaName => Object.hasOwn(ANSWERS, name);
export const SCHEMA_NAMES: readonly SchemaName[] = Object.keys(ANSWERS).filter(isSchemaName);

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The published form: it allows unknown keys, because versions add keys. */
export function jsonSchema(name: SchemaName): JsonSchema {
  const { schema, title } = ANSWERS[name];
  const { $schema, $defs, ...made } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    definitions: { container, hierarchy, sensor, ...(name === 'report' ? {} : { report }) },
  });
  const definitions = usedDefinitions($defs ?? {}, made);
  return {
    $schema,
    $id: `${name}.schema.json`,
    title,
    ...made,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}

/** The definitions that a schema refers to, directly or through another one. */
function usedDefinitions(all: JsonSchema, schema: unknown): JsonSchema {
  const isUsedBy = (name: string, by: unknown): boolean =>
    JSON.stringify(by).includes(`"#/$defs/${name}"`);
  const direct = Object.keys(all).filter((name) => isUsedBy(name, schema));
  const used = Object.keys(all).filter((name) =>
    [schema, ...direct.map((one) => all[one])].some((by) => isUsedBy(name, by)),
  );
  return Object.fromEntries(used.map((name) => [name, all[name]]));
}

/** The published schemas, by path from the top of the checkout. */
export const schemaFiles = (): ReadonlyMap<string, string> =>
  new Map(
    SCHEMA_NAMES.map((name) => [
      `docs/schemas/${name}.schema.json`,
      `${JSON.stringify(jsonSchema(name), null, 2)}\n`,
    ]),
  );
