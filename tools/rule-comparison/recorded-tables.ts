import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import type { CgroupNamespace, ControllerName } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';

export interface RecordedAnswer {
  readonly name: ControllerName;
  /** Null: no mount shows the root of the hierarchy. */
  readonly correct: string | null;
  readonly equivalent: readonly string[];
}

export interface RecordedTable {
  /** The name of its file; `(private)`: read in a private cgroup namespace. */
  readonly title: string;
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  readonly answers: readonly RecordedAnswer[];
}

const fixtures = path.join(root, 'test/fixtures');

export const constructedTables = (): readonly RecordedTable[] =>
  ['mounts', 'hard-mount-tables'].flatMap((name) => {
    const folder = path.join(fixtures, name);
    return answeredTables(folder, path.join(folder, 'expected.json'));
  });

export const readTable = (folder: string, file: string): MountTable => {
  const bytes = asByteString(readFileSync(path.join(folder, file), 'latin1'));
  return file.endsWith('.mounts') ? parseMounts(bytes) : parseMountInfo(bytes);
};

/** For each hierarchy the mount points that show it, the preferred one first. */
const expectations = v.array(
  v.object({
    file: v.string(),
    cgroupNamespace: v.picklist(['initial', 'private']),
    expect: v.record(v.string(), v.array(v.string())),
  }),
);

/** The tables of a folder, with the answers in `expected.json`. */
function answeredTables(folder: string, expected: string): readonly RecordedTable[] {
  const entries = v.parse(expectations, JSON.parse(readFileSync(expected, 'utf8')));
  return entries.map(({ file, cgroupNamespace, expect }) => ({
    title: cgroupNamespace === 'private' ? `${file} (private)` : file,
    table: readTable(folder, file),
    namespace: cgroupNamespace,
    answers: Object.entries(expect).map(([name, [correct, ...equivalent]]) => ({
      name,
      correct: correct ?? null,
      equivalent,
    })),
  }));
}

/** The source of each published table, and its answers. The tables are not part of this project. */
const index = path.join(fixtures, 'published-mount-tables/expected.json');

const sources = v.array(
  v.object({
    file: v.string(),
    repository: v.string(),
    commit: v.string(),
    path: v.string(),
    /** The SHA-256 of the table, which may be only part of the file at that path. */
    sha256: v.string(),
  }),
);
export type PublishedSource = v.InferOutput<typeof sources>[number];

export const publishedSources = (): readonly PublishedSource[] =>
  v.parse(sources, JSON.parse(readFileSync(index, 'utf8')));

/** Where `npm run tool -- fetch-mount-tables` stores the tables; ignored by git. */
export const fetchedTables = path.join(stateFolder, 'mount-tables');

/** Recordings that are not in the repository. */
export const recordingsFolder =
  process.env['ROLLCALL_RECORDINGS'] ?? path.join(root, '../shared/recordings');

/** The tables that other projects published; null if this machine has none. */
export function publishedTables(): readonly RecordedTable[] | null {
  const folders = [path.join(recordingsFolder, 'mount-tables'), fetchedTables];
  const folder = folders.find((one) => existsSync(one));
  return folder === undefined ? null : answeredTables(folder, index);
}
