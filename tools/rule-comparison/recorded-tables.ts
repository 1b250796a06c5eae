import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import type { CgroupNamespace, ControllerName } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';
import { root } from '../bootstrap/place.mjs';

/** The right answer for one hierarchy of a recorded table. */
export interface RecordedAnswer {
  readonly name: ControllerName;
  /** Null: no mount shows the root of the hierarchy. */
  readonly correct: string | null;
  readonly equivalent: readonly string[];
}

export interface RecordedTable {
  /** Its file, and the cgroup namespace it was read in where that is a private one: no text tells it. */
  readonly title: string;
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  readonly answers: readonly RecordedAnswer[];
}

export const fixtures = path.join(root, 'test/fixtures');

/** The tables that a clone holds. */
export const constructedTables = (): readonly RecordedTable[] =>
  ['mounts', 'hard-mount-tables'].flatMap((name) => {
    const folder = path.join(fixtures, name);
    return answeredTables(folder, path.join(folder, 'expected.json'));
  });

export const readTable = (folder: string, file: string): MountTable => {
  const bytes = asByteString(readFileSync(path.join(folder, file), 'latin1'));
  return file.endsWith('.mounts') ? parseMounts(bytes) : parseMountInfo(bytes);
};

/** Per hierarchy the mount points that show it, the preferred one first. */
const expectations = v.array(
  v.object({
    file: v.string(),
    cgroupNamespace: v.picklist(['initial', 'private']),
    expect: v.record(v.string(), v.array(v.string())),
  }),
);

/** The tables of a folder, with the answers of an `expected.json`. */
export function answeredTables(folder: string, expected: string): readonly RecordedTable[] {
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
