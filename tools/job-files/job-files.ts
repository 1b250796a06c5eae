import { stringify } from 'yaml';
import { CONFIG, isKey, type ConfigKey, type ConfigSection } from '../../src/model/agent-config.ts';
import { wrapText } from '../../src/present/display-width.ts';
import { fileWith } from '../generated-part.ts';
import { nested } from './properties-schema.ts';
import { propertyKeys, rangeOf, type PropertyKey } from './config-keys.ts';
import { OWN_PROPERTIES, type JobProperty } from './own-properties.ts';
import { PROPERTY_TYPES } from './property-types.ts';

const JOB = 'jobs/rollcall';
const TEMPLATE = `${JOB}/templates/agent.json.erb`;
const COLUMNS = 120;

/** The files of the job rollcall that follow from the table of the configuration, by path. */
export function jobFiles(): ReadonlyMap<string, string> {
  const properties = jobProperties();
  return new Map([
    [`${JOB}/spec`, withMade(`${JOB}/spec`, specPart(properties))],
    [`${JOB}/properties_schema.json`, schemaText(properties)],
    [TEMPLATE, withMade(TEMPLATE, configurationPart())],
  ]);
}

const withMade = (file: string, part: string): string =>
  fileWith(file, { 'src/model/agent-config.ts': part });

type NamedProperty = JobProperty & { readonly name: string };

/** Every property of the job. Those of one section are together. */
function jobProperties(): readonly NamedProperty[] {
  const all = [
    ...propertyKeys().map(propertyOfKey),
    ...Object.entries(OWN_PROPERTIES).map(([name, property]) => ({ ...property, name })),
  ];
  return [...Map.groupBy(all, ({ name }) => sectionOf(name)).values()].flat();
}

const sectionOf = (name: string): string => name.split('.', 1)[0] ?? '';

function propertyOfKey(one: PropertyKey): NamedProperty {
  const { key, job, property } = one;
  const { allowed, schema } = PROPERTY_TYPES[key.type];
  const range = rangeOf(one) ?? NO_RANGE;
  const continued = allowed(range);
  const first = continued === '' ? key.description : `${key.description}, ${continued}`;
  return {
    name: property,
    description: `${first}.${job.note === undefined ? '' : ` ${job.note}`}`,
    ...(key.default === null ? {} : { default: key.default }),
    example: job.example,
    schema: schema(range),
  };
}

/** For types whose values are no numbers. */
const NO_RANGE = [0, 0] as const;

function specPart(properties: readonly NamedProperty[]): string {
  const sections = Map.groupBy(properties, ({ name }) => sectionOf(name)).values();
  return [...sections].map((section) => section.map(specEntry).join('')).join('\n');
}

function specEntry(property: NamedProperty): string {
  const { name, description, example } = property;
  const line = `    description: ${description}`;
  const isPlain = line.length <= COLUMNS && !/: | #/.test(description);
  const block = wrapText(description, COLUMNS - 6).map((each) => `      ${each}`);
  return [
    `  ${name}:`,
    ...(isPlain ? [line] : ['    description: |', ...block]),
    ...('default' in property ? yamlLines('default', property.default) : []),
    ...yamlLines('example', example),
    '',
  ].join('\n');
}

const yamlLines = (name: string, value: unknown): readonly string[] =>
  stringify({ [name]: value }, { version: '1.1', lineWidth: 0, indentSeq: false })
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`);

/** properties_schema.json, with which a Director validates the properties before it renders. */
function schemaText(properties: readonly NamedProperty[]): string {
  const leaves = properties.map((property): [string, unknown] => [
    property.name,
    new Leaf({
      ...property.schema,
      ...('default' in property ? { default: property.default } : {}),
    }),
  ]);
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...sectionSchema(nested(Object.fromEntries(leaves))),
  };
  // As the formatter writes a list of plain values.
  const plainList = /\[\n\s+([^[\]{}]+?)\n\s+\]/g;
  const text = JSON.stringify(schema, null, 2).replaceAll(
    plainList,
    (_, list: string) => `[${list.replaceAll(/\n\s+/g, ' ')}]`,
  );
  return `${text}\n`;
}

/** The schema of one property, among the sections that `nested` makes. */
class Leaf {
  readonly schema: unknown;

  constructor(schema: unknown) {
    this.schema = schema;
  }
}

const sectionSchema = (section: object): Readonly<Record<string, unknown>> => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(section).map(([name, below]: [string, object]) => [
      name,
      below instanceof Leaf ? below.schema : sectionSchema(below),
    ]),
  ),
  additionalProperties: false,
});

/** The hash `config` of agent.json.erb: a call for each key, of the lambda for its type. */
function configurationPart(): string {
  const calls = new Map(propertyKeys().map((one) => [one.name, rubyCall(one)]));
  const entryLine = (name: string, key: ConfigKey, last: string): readonly string[] =>
    key.job === 'none' ? [] : [`'${last}' => ${calls.get(name) ?? rubyName(key.type)}`];
  const lines = Object.entries<ConfigKey | ConfigSection>(CONFIG).flatMap(([name, entry]) => {
    if (isKey(entry)) return entryLine(name, entry, name);
    const keys = Object.entries(entry).flatMap(([last, key]) =>
      entryLine(`${name}.${last}`, key, last),
    );
    return [`'${name}' => {\n${keys.map((line) => `    ${line}`).join(',\n')}\n  }`];
  });
  return `config = {\n${lines.map((line) => `  ${line}`).join(',\n')}\n}\n`;
}

function rubyCall(one: PropertyKey): string {
  const { key, property } = one;
  const rest = PROPERTY_TYPES[key.type].ruby(rangeOf(one) ?? NO_RANGE);
  return `${rubyName(key.type)}.call(${[`'${property}'`, ...rest].join(', ')})`;
}

const rubyName = (type: string): string => type.replaceAll('-', '_');
