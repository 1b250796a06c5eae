import * as answers from '../src/model/answers.ts';
import { drillView } from '../src/model/agent-state.ts';
import { namesSocketAnswer } from '../src/model/names-socket.ts';
import { logLineView } from '../src/model/log-line.ts';
import { containerView, hierarchyView, reportView, sensorView } from '../src/model/report-view.ts';
import type { Shape } from '../src/model/shape.ts';

const ANSWERS = {
  report: { shape: reportView, title: 'rollcall check --format json, and GET /v1/report' },
  status: { shape: answers.statusView, title: 'rollcall status --format json' },
  mounts: { shape: answers.mountsView, title: 'rollcall mounts --format json' },
  explain: { shape: answers.explainView, title: 'rollcall explain --format json' },
  whose: { shape: answers.whoseView, title: 'rollcall whose --format json' },
  sensors: { shape: answers.sensorsView, title: 'rollcall sensors --format json' },
  'sensors-if': {
    shape: answers.sensorsIfView,
    title: 'rollcall sensors --if MODE --format json',
  },
  ledgers: { shape: answers.ledgersView, title: 'rollcall ledgers --format json' },
  preflight: { shape: answers.preflightView, title: 'rollcall preflight --format json' },
  capture: { shape: answers.captureView, title: 'rollcall capture --format json' },
  'agent-events': { shape: answers.eventsAnswer, title: 'rollcall events --format json' },
  version: { shape: answers.versionView, title: 'rollcall version --format json' },
  drill: { shape: drillView, title: 'rollcall drill --format json' },
  events: { shape: answers.eventsView, title: 'GET /v1/events, the newest first' },
  'names-socket': { shape: namesSocketAnswer, title: 'GET /v1/names-socket' },
  'log-line': { shape: logLineView, title: "A line of the agent's log" },
} as const satisfies Record<string, { readonly shape: Shape; readonly title: string }>;

export type SchemaName = keyof typeof ANSWERS;
const isSchemaName = (name: string): name is SchemaName => Object.hasOwn(ANSWERS, name);
export const SCHEMA_NAMES: readonly SchemaName[] = Object.keys(ANSWERS).filter(isSchemaName);

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Shapes that a schema refers to by name, after those that they refer to themselves. */
const DEFINITIONS: ReadonlyMap<Shape, string> = new Map<Shape, string>([
  [containerView, 'container'],
  [hierarchyView, 'hierarchy'],
  [sensorView, 'sensor'],
  [reportView, 'report'],
]);

/** The published form: it allows unknown keys, because versions add keys. */
export function jsonSchema(name: SchemaName): JsonSchema {
  const { shape, title } = ANSWERS[name];
  const used = new Set<Shape>();
  const schema = schemaOf(shape, used);
  // Those that refer to others first.
  const definitions = [...DEFINITIONS]
    .toReversed()
    .flatMap(([one, key]) => (used.has(one) ? [[key, schemaOf(one, used)] as const] : []));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${name}.schema.json`,
    title,
    ...schema,
    ...(definitions.length === 0 ? {} : { $defs: Object.fromEntries(definitions.toReversed()) }),
  };
}

/** @param used gets the shapes that the schema refers to by name */
function schemaOf(shape: Shape, used: Set<Shape>): JsonSchema {
  const below = (of: Shape): JsonSchema => {
    const name = DEFINITIONS.get(of);
    if (name === undefined) return schemaOf(of, used);
    used.add(of);
    return { $ref: `#/$defs/${name}` };
  };
  if (shape.kind === 'choice') {
    return shape.values.length === 1
      ? { const: shape.values[0] }
      : { enum: shape.values, type: typeof shape.values[0] };
  }
  if (shape.kind === 'nullable') return { anyOf: [below(shape.of), { type: 'null' }] };
  if (shape.kind === 'list') return { type: 'array', items: below(shape.of) };
  if (shape.kind === 'union') return { anyOf: shape.forms.map(below) };
  if (shape.kind === 'record') {
    const propertyNames = { type: 'string' };
    return { type: 'object', propertyNames, additionalProperties: below(shape.of) };
  }
  if (shape.kind !== 'object') return PLAIN[shape.kind];
  const keys = Object.entries(shape.keys);
  return {
    type: 'object',
    properties: Object.fromEntries(
      keys.map(([name, { shape: of, description }]) => [name, { ...below(of), description }]),
    ),
    required: keys.flatMap(([name, { isOptional }]) => (isOptional ? [] : [name])),
  };
}

/** The last four are in no answer. */
const PLAIN = {
  text: { type: 'string' },
  time: { type: 'string', format: 'date-time' },
  count: { type: 'integer', minimum: 0 },
  amount: { type: 'number', minimum: 0 },
  flag: { type: 'boolean' },
  null: { type: 'null' },
  anything: {},
  number: {},
  instant: {},
  matching: {},
  map: {},
};

/** The published schemas, by path from the top of the checkout. */
export const schemaFiles = (): ReadonlyMap<string, string> =>
  new Map(
    SCHEMA_NAMES.map((name) => [
      `docs/schemas/${name}.schema.json`,
      `${JSON.stringify(jsonSchema(name), null, 2)}\n`,
    ]),
  );
