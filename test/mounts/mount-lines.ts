import { asByteString, type ByteString } from '../../src/model/ids.ts';
import type { Mount, MountTable } from '../../src/model/mount.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';

/** A table of the given mountinfo lines; a line that is no mount is a mistake of the test. */
export function tableOf(...lines: readonly string[]): MountTable {
  const table = parseMountInfo(asByteString(lines.map((line) => `${line}\n`).join('')));
  if (table.malformed.length > 0) throw new Error(`malformed: ${JSON.stringify(table.malformed)}`);
  return table;
}

export const path = (text: string): ByteString => asByteString(text);

export function mountWithId(table: MountTable, id: number): Mount {
  const mount = table.mounts.find((one) => one.id === id);
  if (mount === undefined) throw new Error(`no mount ${id}`);
  return mount;
}
