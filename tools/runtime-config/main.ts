// `npm run tool -- runtime-config`: writes the one of this version; rejects one with an unset variable.
import { print, runTool } from '../tool.ts';
import { writeConfig } from './write-config.ts';

await runTool(
  {
    ops: { type: 'string', short: 'o', multiple: true, default: [] },
    var: { type: 'string', short: 'v', multiple: true, default: [] },
    url: { type: 'string' },
  },
  async ({ ops, var: variables, url }) =>
    print(await writeConfig({ ops, variables, url: url ?? null })),
);
