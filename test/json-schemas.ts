import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import {
  jsonSchema,
  SCHEMA_NAMES,
  type JsonSchema,
  type SchemaName,
} from '../tools/json-schemas.ts';

/*
 * Every helper through which tests read JSON of rollcall calls one of these two, so that a key that
 * docs/schemas does not document fails whatever test sees it.
 */

/** What a command wrote, if it was asked for JSON and wrote any: one answer, or one a line. */
export function expectDocumented(args: readonly string[], stdout: string): void {
  const at = args.findIndex((word) => word === '--format' || word === '-o');
  const isJson =
    args.includes('--format=json') || args.includes('--json') || args[at + 1] === 'json';
  if (stdout === '' || !isJson) return;
  const command = args.find((word) => !word.startsWith('-')) ?? '';
  const isWatch = command === 'status' && args.includes('--watch');
  const answer = command === 'check' ? 'report' : command === 'events' ? 'agent-events' : command;
  const isIf = command === 'sensors' && args.some((word) => /^--if(?:=|$)/.test(word));
  const name = SCHEMA_NAMES.find((one) => one === (isIf ? 'sensors-if' : answer));
  if (name === undefined) throw new Error(`rollcall ${command} writes JSON without a schema`);
  for (const text of isWatch ? stdout.trimEnd().split('\n') : [stdout]) {
    expectSchema(name, JSON.parse(text));
  }
}

const ANSWERS: ReadonlyMap<string, SchemaName> = new Map([
  ['/v1/report', 'report'],
  ['/v1/events', 'events'],
  ['/v1/names-socket', 'names-socket'],
]);

/** What the agent answers on its status socket; an error is not documented. */
export function expectDocumentedAnswer(path: string, body: string): void {
  const name = ANSWERS.get(path);
  if (name === undefined || body.startsWith('{"error"')) return;
  expectSchema(name, JSON.parse(body));
}

/** A line that the agent logged. */
export function expectLogLine(line: string): void {
  expectSchema('log-line', JSON.parse(line));
}

function expectSchema(name: SchemaName, value: unknown): void {
  const validate = validators.get(name) ?? compiled(name);
  validators.set(name, validate);
  if (validate(value)) return;
  const wrong = (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath === '' ? 'the top' : instancePath, message, JSON.stringify(params)].join(' '),
  );
  throw new Error(
    `not as docs/schemas/${name}.schema.json says (src/model, then npm run generate):\n${wrong.join('\n')}`,
  );
}

const validators = new Map<SchemaName, ValidateFunction>();

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const ajv = new Ajv2020({ strict: true, formats: { 'date-time': TIME } });

function compiled(name: SchemaName): ValidateFunction {
  return ajv.compile(closed(jsonSchema(name)) as JsonSchema);
}

/** The same schema without room for keys that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isObject = 'properties' in schema && 'type' in schema && schema.type === 'object';
  return Object.fromEntries(
    isObject ? [...entries, ['additionalProperties', false] as const] : entries,
  );
}
