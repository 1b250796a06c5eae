import { allowed } from '../src/parse/agent-config.ts';
import { pageWith } from './generated-part.ts';
import { configKeys, propertiesOf } from './job-files/config-keys.ts';
import { code, item } from './markdown.ts';

export const AGENT_PAGE = 'docs/agent.md';

/** docs/agent.md, written by hand except for the list of the configuration's keys. */
export const agentPage = (): string =>
  pageWith(AGENT_PAGE, { 'src/model/agent-config.ts': configurationList() });

/** From the table with which the agent checks its configuration. */
function configurationList(): string {
  const items = configKeys().map((named) => {
    const { name, key } = named;
    const { description, note } = key;
    const properties = propertiesOf(named).map(code).join(', ');
    const given = typeof key.default === 'object' ? JSON.stringify(key.default) : `${key.default}`;
    return item(`${code(name)}: ${note === undefined ? description : `${description}; ${note}`}`, [
      `allowed: ${allowed(key)}`,
      `default: ${code(given)}; property of the job: ${properties === '' ? 'none' : properties}`,
    ]);
  });
  return items.join('\n');
}
