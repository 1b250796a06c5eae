import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { answeredTables, fixtures, type RecordedTable } from './recorded-tables.ts';

/** Where each table was published, and its answers. The tables themselves are not part of this project. */
const index = path.join(fixtures, 'published-mount-tables/expected.json');

const sources = v.array(
  v.object({
    file: v.string(),
    repository: v.string(),
    commit: v.string(),
    path: v.string(),
    /** Of the table, which may be only a part of the file at that path. */
    sha256: v.string(),
  }),
);
export type PublishedSource = v.InferOutput<typeof sources>[number];

export const publishedSources = (): readonly PublishedSource[] =>
  v.parse(sources, JSON.parse(readFileSync(index, 'utf8')));

/** Where `npm run fetch-mount-tables` puts the tables; ignored by git. */
export const fetchedTables = path.join(stateFolder, 'mount-tables');

const recordings = process.env['ROLLCALL_RECORDINGS'] ?? path.join(root, '../shared/recordings');

/** The tables that other projects published; null where this machine has none. */
export function publishedTables(): readonly RecordedTable[] | null {
  const folders = [path.join(recordings, 'mount-tables'), fetchedTables];
  const folder = folders.find((one) => existsSync(one));
  return folder === undefined ? null : answeredTables(folder, index);
}
