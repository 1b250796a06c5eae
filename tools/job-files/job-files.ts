import { Scalar, stringify } from 'yaml';
import { fileWith } from '../generated-part.ts';
import { nested } from './properties-schema.ts';
import { configKeys, propertyKeys, rangeOf, type PropertyKey } from './config-keys.ts';
import { OWN_PROPERTIES, type JobProperty } from './own-properties.ts';
import { PROPERTY_TYPES } from './property-types.ts';

const JOB = 'jobs/rollcall';
const TEMPLATE = `${JOB}/templates/agent.json.erb`;
/** Of a property in the spec, which is indented by two more. */
const COLUMNS = 118;

/** The files of the job rollcall that follow from the table of the configuration, by path. */
export function jobFiles(): ReadonlyMap<string, string> {
  const sections = jobSections();
  const entries = sections.map((section) => section.map(specEntry).join(''));
  return new Map([
    [`${JOB}/spec`, withMade(`${JOB}/spec`, entries.join('\n'))],
    [`${JOB}/properties_schema.json`, schemaText(sections.flat())],
    [TEMPLATE, withMade(TEMPLATE, configurationPart())],
  ]);
}

const withMade = (file: string, part: string): string =>
  fileWith(file, { 'src/model/agent-config.ts': part });

type NamedProperty = JobProperty & { readonly name: string };

/** Every property of the job, by the first word of its name. */
function jobSections(): readonly (readonly NamedProperty[])[] {
  const all = [
    ...propertyKeys().map(propertyOfKey),
    ...Object.entries(OWN_PROPERTIES).map(([name, property]) => ({ ...property, name })),
  ];
  return [...Map.groupBy(all, ({ name }) => name.split('.', 1)[0]).values()];
}

function propertyOfKey(one: PropertyKey): NamedProperty {
  const { key, job, property } = one;
  const { allowed, schema } = PROPERTY_TYPES[key.type];
  const range = rangeOf(one) ?? NO_RANGE;
  const continued = allowed(range);
  const first = continued === '' ? key.description : `${key.description}, ${continued}`;
  return {
    name: property,
    description: `${first}.${job.note === undefined ? '' : ` ${job.note}`}`,
    default: key.default ?? undefined,
    example: job.example,
    schema: schema(range),
  };
}

/** For types whose values are no numbers. */
const NO_RANGE = [0, 0] as const;

function specEntry({ name, description, default: preset, example }: NamedProperty): string {
  const text = new Scalar(description);
  text.type = 'BLOCK_FOLDED';
  const entry = { [name]: { description: text, default: preset, example } };
  return stringify(entry, { version: '1.1', lineWidth: COLUMNS, indentSeq: false }).replaceAll(
    /^(?=.)/gm,
    '  ',
  );
}

/** properties_schema.json, with which a Director validates the properties before it renders. */
function schemaText(properties: readonly NamedProperty[]): string {
  const schemas = properties.map(
    ({ name, schema, default: preset }) => [name, { ...schema, default: preset }] as const,
  );
  const section = (below: Readonly<Record<string, object>>) => ({
    type: 'object',
    properties: below,
    additionalProperties: false,
  });
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...section(nested(Object.fromEntries(schemas), section)),
  };
  // As the formatter writes a list of plain values.
  const plainList = /\[\n\s+([^[\]{}]+?)\n\s+\]/g;
  const text = JSON.stringify(schema, null, 2).replaceAll(
    plainList,
    (_, list: string) => `[${list.replaceAll(/\n\s+/g, ' ')}]`,
  );
  return `${text}\n`;
}

/** The hash `config` of agent.json.erb: a call for each key, of the lambda for its type. */
function configurationPart(): string {
  const calls = new Map(propertyKeys().map((one) => [one.name, rubyCall(one)]));
  const values = configKeys()
    .filter(({ key }) => key.job !== 'none')
    .map(({ name, key }) => [name, calls.get(name) ?? rubyName(key.type)] as const);
  const sections = nested(Object.fromEntries(values), (below) => rubyHash(below, '  '));
  return `config = ${rubyHash(sections, '')}\n`;
}

function rubyHash(entries: Readonly<Record<string, string>>, indent: string): string {
  const lines = Object.entries(entries).map(([key, value]) => `${indent}  '${key}' => ${value}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function rubyCall(one: PropertyKey): string {
  const { key, property } = one;
  const rest = PROPERTY_TYPES[key.type].ruby(rangeOf(one) ?? NO_RANGE);
  return `${rubyName(key.type)}.call(${[`'${property}'`, ...rest].join(', ')})`;
}

const rubyName = (type: string): string => type.replaceAll('-', '_');
