import { Scalar, stringify } from 'yaml';
import { fileWith } from '../generated-part.ts';
import { configKeys, jobProperties, propertyOf, type JobProperty } from './job-properties.ts';
import { nested } from './properties-schema.ts';

const JOB = 'jobs/rollcall';
const TEMPLATE = `${JOB}/templates/agent.json.erb`;
/** Of a property in the spec, which is indented by two more. */
const COLUMNS = 118;

/** The files of the job rollcall that follow from the table of the configuration, by path. */
export function jobFiles(): ReadonlyMap<string, string> {
  const sections = [...Map.groupBy(jobProperties(), ({ name }) => name.split('.', 1)[0]).values()];
  const entries = sections.map((section) => section.map(specEntry).join(''));
  return new Map([
    [`${JOB}/spec`, withMade(`${JOB}/spec`, entries.join('\n'))],
    [`${JOB}/properties_schema.json`, schemaText(sections.flat())],
    [TEMPLATE, withMade(TEMPLATE, `${rubyTable()}${rubyConfig()}`)],
  ]);
}

const withMade = (file: string, part: string): string =>
  fileWith(file, { 'src/model/agent-config.ts': part });

function specEntry(property: JobProperty): string {
  const { name, note = '', allowed, default: preset, example } = property;
  const text = new Scalar(`${property.description}: ${allowed.description}. ${note}`.trim());
  text.type = 'BLOCK_FOLDED';
  const entry = { [name]: { description: text, default: preset, example } };
  return stringify(entry, { version: '1.1', lineWidth: COLUMNS, indentSeq: false }).replaceAll(
    /^(?=.)/gm,
    '  ',
  );
}

/** properties_schema.json, with which a Director validates the properties before it renders. */
function schemaText(properties: readonly JobProperty[]): string {
  const schemas = properties.map(
    ({ name, allowed, default: preset }) => [name, { ...allowed, default: preset }] as const,
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

/** What each property may be, a line for each; and their values. */
function rubyTable(): string {
  const rows = jobProperties().map(
    ({ name, allowed }) => `  "${name}": ${JSON.stringify(allowed)}`,
  );
  return `allowed = JSON.parse(<<~'TABLE')\n  {\n${rows.join(',\n')}\n  }\nTABLE\n${VALUES}\n`;
}

const VALUES =
  'property = allowed.to_h { |name, schema| [name, checked.call(name, schema, p(name, nil))] }';

/** The hash `config`, with the keys that have a property. */
function rubyConfig(): string {
  const values = configKeys().flatMap((named) =>
    propertyOf(named).map(({ name }): [string, string] => [named.name, `property['${name}']`]),
  );
  const sections = nested(Object.fromEntries(values), (below) => rubyHash(below, '  '));
  return `config = ${rubyHash(sections, '')}\n`;
}

function rubyHash(entries: Readonly<Record<string, string>>, indent: string): string {
  const lines = Object.entries(entries).map(([key, value]) => `${indent}  '${key}' => ${value}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
