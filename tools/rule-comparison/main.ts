// `npm run fetch-mount-tables`: fetches mount tables that other projects published, for the test
// that scores the rules on them.
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { fetchTables } from './fetch-tables.ts';
import { fetchedTables, publishedSources } from './recorded-tables.ts';

async function run(): Promise<number> {
  const { from } = typedOptions({
    from: { type: 'string', default: 'https://raw.githubusercontent.com' },
  });
  const sources = publishedSources();
  await fetchTables(sources, from, fetchedTables);
  processIo.stdout(`${sources.length} tables in ${fetchedTables}\n`);
  return 0;
}

process.exitCode = await finish(run, processIo);
