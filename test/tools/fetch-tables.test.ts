import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { strToU8, zipSync } from 'fflate';
import { serveLocally } from '../../tools/local-server.ts';
import { fetchTables } from '../../tools/rule-comparison/fetch-tables.ts';
import type { PublishedSource } from '../../tools/rule-comparison/recorded-tables.ts';
import { failureOf } from '../failure-of.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

const table = (name: string): string =>
  `1 0 0:1 / /${name} rw - tmpfs ${name} rw\n2 1 0:2 / / rw - x y rw\n`;

/** As the repositories serve them: a table alone, in a raw string of Go, in JSON, in an archive. */
const FILES: Readonly<Record<string, string | Buffer>> = {
  'proc/mountinfo': table('alone'),
  'mounts_test.go': `const a = \`\n${table('other')}\`\nconst b = \`${table('go')}\``,
  'specs.json': JSON.stringify({ a: [{ files: { mountinfo: table('json').trim().split('\n') } }] }),
  'proc.zip': Buffer.from(
    zipSync({
      'other/mountinfo': strToU8(table('other')),
      'zip/mountinfo': strToU8(table('zip')),
    }),
  ),
};

const source = (file: string, origin: string): PublishedSource => ({
  file,
  repository: 'owner/name',
  commit: 'c0ffee',
  path: origin,
  sha256: createHash('sha256').update(table(file)).digest('hex'),
});

/** Fetches from a stand-in for the host of the repositories, into a folder that `use` gets. */
const fetching = (
  sources: readonly PublishedSource[],
  use: (fetched: Promise<void>, folder: string) => Promise<void>,
): Promise<void> =>
  inTemporaryFolder(async (parent) => {
    const server = await serveLocally(({ url = '' }, response) => {
      const content = FILES[url.replace('/owner/name/c0ffee/', '')];
      response.writeHead(content === undefined ? 404 : 200).end(content);
    });
    try {
      const folder = path.join(parent, 'tables');
      await use(fetchTables(sources, server.url, folder), folder);
    } finally {
      await server.stop();
    }
  });

describe('fetching published mount tables', () => {
  it('takes each out of the file that holds it', () =>
    fetching(
      Object.keys(FILES).map((origin, index) =>
        source(['alone', 'go', 'json', 'zip'][index] ?? '', origin),
      ),
      async (fetched, folder) => {
        await fetched;
        const texts = readdirSync(folder).map((name) => [
          name,
          readFileSync(path.join(folder, name), 'utf8'),
        ]);
        expect(texts).to.deep.equal(
          ['alone', 'go', 'json', 'zip'].map((name) => [name, table(name)]),
        );
      },
    ));

  for (const [what, origin, why] of [
    ['not in its file any more', 'proc/mountinfo', /does not contain lost \(sha256 [\da-f]{64}\)$/],
    ['not there', 'gone', /^cannot fetch http.*\/owner\/name\/c0ffee\/gone: HTTP 404$/],
  ] as const)
    it(`leaves nothing behind where a table is ${what}`, () =>
      fetching(
        [source('alone', 'proc/mountinfo'), source('lost', origin)],
        async (fetched, folder) => {
          const [code, message] = await failureOf(fetched);
          expect(code).to.equal('FILE_UNREADABLE');
          expect(message).to.match(why);
          expect(readdirSync(path.dirname(folder))).to.deep.equal([]);
        },
      ));
});
