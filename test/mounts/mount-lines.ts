import type { MountStat } from '../../src/model/hierarchy.ts';
import { asByteString, type ByteString, type Device } from '../../src/model/ids.ts';
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

/** What stat shows of a directory of a v1 hierarchy, by default of its root. */
export const statOfV1 = (device: Device, inode = 1): MountStat => ({
  kind: 'read',
  magic: 0x27e0eb,
  device,
  inode,
  hasReleaseAgent: inode === 1,
  hasCgroupEvents: false,
});
