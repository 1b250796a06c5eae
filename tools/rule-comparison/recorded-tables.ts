import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { CgroupNamespace, ControllerName } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { parseMountInfo } from '../../src/parse/mountinfo.ts';
import { parseMounts } from '../../src/parse/mounts-file.ts';

/** The right answer for one hierarchy of a recorded table. */
export interface RecordedAnswer {
  readonly name: ControllerName;
  /** Null: no mount shows the root of the hierarchy. */
  readonly correct: string | null;
  readonly equivalent: readonly string[];
}

export interface RecordedTable {
  readonly file: string;
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  readonly answers: readonly RecordedAnswer[];
}

/** The two sets of mount tables in a folder of recordings: published ones, and constructed hard ones. */
export const recordedSets = (folder: string) => ({
  published: publishedTables(join(folder, 'mount-tables')),
  constructed: constructedTables(join(folder, 'hard-mount-tables')),
});

export const readTable = (folder: string, file: string): MountTable => {
  const bytes = asByteString(readFileSync(join(folder, file), 'latin1'));
  return file.endsWith('.mounts') ? parseMounts(bytes) : parseMountInfo(bytes);
};

/** ANSWERS.tsv: file, hierarchy, right mount point or `none`, equivalent ones, reason, and more. */
function publishedTables(folder: string): RecordedTable[] {
  const rows = readFileSync(join(folder, 'ANSWERS.tsv'), 'utf8').trim().split('\n').slice(1);
  const files = new Map<string, { answers: RecordedAnswer[]; namespace: CgroupNamespace }>();
  for (const row of rows) {
    const [file = '', name = '', correct = '', equivalent = '', reason = ''] = row.split('\t');
    const entry = files.get(file) ?? { answers: [], namespace: 'initial' };
    entry.answers.push({
      name,
      correct: correct === 'none' ? null : correct,
      equivalent: equivalent === '-' ? [] : equivalent.split(' '),
    });
    // No text tells its namespace; the reason says what its recorder knew.
    if (reason.includes('private cgroup namespace')) entry.namespace = 'private';
    files.set(file, entry);
  }
  return [...files].map(([file, entry]) => ({ file, table: readTable(folder, file), ...entry }));
}

const constructedEntries = v.array(
  v.object({
    file: v.string(),
    cgroupNamespace: v.picklist(['initial', 'private']),
    expect: v.record(v.string(), v.array(v.string())),
  }),
);

/** expected.json: per hierarchy the mount points that show it, the preferred one first. */
function constructedTables(folder: string): RecordedTable[] {
  const known = new Set(readdirSync(folder));
  const text = readFileSync(join(folder, 'expected.json'), 'utf8');
  const entries = v.parse(constructedEntries, JSON.parse(text));
  return entries
    .filter(({ file }) => known.has(file))
    .map(({ file, cgroupNamespace, expect }) => ({
      file,
      table: readTable(folder, file),
      namespace: cgroupNamespace,
      answers: Object.entries(expect).map(([name, [correct, ...equivalent]]) => ({
        name,
        correct: correct ?? null,
        equivalent,
      })),
    }));
}
