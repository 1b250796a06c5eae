import { CONFIG, isKey, type ConfigKey, type ConfigSection } from '../src/model/agent-config.ts';
import { allowed } from '../src/parse/agent-config.ts';

export const CONFIGURATION_PAGE = 'docs/configuration.md';

const INTRODUCTION = `# The configuration of the agent

The configuration is one JSON file, \`{"garden": {"timeoutSeconds": 10}, …}\`; the BOSH job writes it from its properties
(\`jobs/rollcall/spec\`). A key that is not given takes its default, an unknown one is an error, and
\`rollcall agent --config FILE --check-config\` says everything that is wrong at once.`;

/** docs/configuration.md, from the table with which the agent checks its configuration. */
export function configurationPage(): string {
  const rows = configKeys().map(({ name, key }) => [
    code(name),
    propertiesOf(name).map(code).join(', '),
    typeof key.default === 'object' ? JSON.stringify(key.default) : code(`${key.default}`),
    allowed(key),
    key.note === undefined ? key.description : `${key.description}; ${key.note}`,
  ]);
  const head = ['key', 'property of the job', 'default', 'may be', 'meaning'];
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${INTRODUCTION}\n\n${table.join('\n')}\n`;
}

/** Every configuration key, with its dotted name. */
export const configKeys = (): readonly { readonly name: string; readonly key: ConfigKey }[] =>
  Object.entries<ConfigKey | ConfigSection>(CONFIG).flatMap(([name, entry]) =>
    isKey(entry)
      ? [{ name, key: entry }]
      : Object.entries(entry).map(([last, key]) => ({ name: `${name}.${last}`, key })),
  );

const OTHER_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'metrics.tls': ['metrics.tls.cert', 'metrics.tls.key', 'metrics.tls.ca_cert'],
  // Set by the Director.
  cell: [],
  // Inside the job's mounts only / makes sense.
  root: [],
};

/** The properties of the job rollcall that set a key. */
export const propertiesOf = (name: string): readonly string[] =>
  OTHER_PROPERTIES[name] ?? [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];

const code = (text: string): string => `\`${text}\``;
