import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CONFIG, isKey, type ConfigKey, type ConfigSection } from '../src/model/agent-config.ts';
import { allowed } from '../src/parse/agent-config.ts';
import { root } from './bootstrap/place.mjs';
import { code, item } from './markdown.ts';

export const AGENT_PAGE = 'docs/agent.md';

const BEGIN = '<!-- Made by `npm run generate` from src/model/agent-config.ts: -->';
const END = '<!-- End of what is made. -->';

/** docs/agent.md, written by hand except for the list of the configuration's keys. */
export function agentPage(): string {
  const page = readFileSync(path.join(root, AGENT_PAGE), 'utf8');
  const [before = '', made = '', ...more] = page.split(BEGIN);
  const after = made.split(END)[1];
  if (after === undefined || more.length > 0) {
    throw new Error(`${AGENT_PAGE} needs ${BEGIN} once, and then ${END}`);
  }
  return `${before}${BEGIN}\n\n${configurationList()}\n\n${END}${after}`;
}

/** From the table with which the agent checks its configuration. */
function configurationList(): string {
  const items = configKeys().map(({ name, key }) => {
    const { description, note } = key;
    const properties = propertiesOf(name).map(code).join(', ');
    const given = typeof key.default === 'object' ? JSON.stringify(key.default) : `${key.default}`;
    return item(`${code(name)}: ${note === undefined ? description : `${description}; ${note}`}`, [
      `allowed: ${allowed(key)}`,
      `default: ${code(given)}; property of the job: ${properties === '' ? 'none' : properties}`,
    ]);
  });
  return items.join('\n');
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
