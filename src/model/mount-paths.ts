import { bytesOfText } from './byte-text.ts';
import { asByteString, type ByteString } from './ids.ts';
import { cgroupVersion, type MountTable } from './mount.ts';

/** A path of the cell as this process opens it, where the cell is shown below a directory. */
export function pathBelow(root: string, path: ByteString): ByteString {
  const directory = root.replace(/(?<!\/)\/+$/, '');
  if (directory === '') return path;
  return asByteString(`${bytesOfText(directory)}${path.startsWith('/') ? '' : '/'}${path}`);
}

/**
 * Every path that must be asked before mounts can be chosen: the cgroup mounts of the cell's table below the root, and
 * those of our own table, through which a path is opened where the cell's is another mount namespace.
 */
export function pathsToStat(
  cellTable: MountTable,
  ownTable: MountTable,
  root: string,
): readonly ByteString[] {
  const points = (table: MountTable): ByteString[] =>
    table.mounts.flatMap((mount) => (cgroupVersion(mount) === null ? [] : [mount.mountPoint]));
  return [
    ...new Set([...points(cellTable).map((path) => pathBelow(root, path)), ...points(ownTable)]),
  ];
}
