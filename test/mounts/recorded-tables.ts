import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { CgroupNamespace, ControllerName } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';
import { outsideRecording } from '../recordings.ts';

export interface KnownAnswer {
  /** The preferred mount point; null: no mount shows the root of the hierarchy. */
  readonly correct: string | null;
  /** Other mount points that show the same. */
  readonly equivalent: readonly string[];
}

export interface RecordedTable {
  /** The name of its file; `(private)`: read in a private cgroup namespace. */
  readonly title: string;
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  readonly answers: ReadonlyMap<ControllerName, KnownAnswer>;
}

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

export const constructedTables = (): readonly RecordedTable[] =>
  ['mounts', 'hard-mount-tables'].flatMap((name) => {
    const folder = fixture(name);
    return answeredTables(folder, path.join(folder, 'expected.json'));
  });

/** The tables that other projects published; null if this machine has none. */
export function publishedTables(): readonly RecordedTable[] | null {
  const folder = outsideRecording('mount-tables');
  return folder === null
    ? null
    : answeredTables(folder, fixture('published-mount-tables/expected.json'));
}

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

/** The tables of a folder, with the answers in the file `expected`. */
function answeredTables(folder: string, expected: string): readonly RecordedTable[] {
  const entries = v.parse(expectations, JSON.parse(readFileSync(expected, 'utf8')));
  return entries.map(({ file, cgroupNamespace, expect }) => ({
    title: cgroupNamespace === 'private' ? `${file} (private)` : file,
    table: readTable(folder, file),
    namespace: cgroupNamespace,
    answers: new Map(
      Object.entries(expect).map(([name, [correct = null, ...equivalent]]) => [
        name,
        { correct, equivalent },
      ]),
    ),
  }));
}
