// `npm run fetch-mount-tables`: fetches what other projects published, to score the rules on.
import { print, runTool } from '../tool.ts';
import { fetchTables } from './fetch-tables.ts';
import { fetchedTables, publishedSources } from './recorded-tables.ts';

const options = {
  from: { type: 'string', default: 'https://raw.githubusercontent.com' },
} as const;

await runTool(options, async ({ from }) => {
  const sources = publishedSources();
  await fetchTables(sources, from, fetchedTables);
  print(`${sources.length} tables in ${fetchedTables}`);
});
