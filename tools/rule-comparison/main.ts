// `npm run fetch-mount-tables`: fetches mount tables that other projects published, for the test
// that scores the rules on them.
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
