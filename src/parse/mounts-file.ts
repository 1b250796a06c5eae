import { asByteString, type ByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { decodeOctal } from './octal.ts';
import { splitOptions } from './super-options.ts';
import { Malformed, parseLines } from './table-lines.ts';

const END = / \d+ \d+$/;

/**
 * /proc/<pid>/mounts (fs/proc_namespace.c show_vfsmnt): `source mountpoint type options 0 0`. It has no ids, no device
 * and no root, and mixes the options of the mount with those of the super block, so it can tell neither what a mount
 * shows nor what covers it. The options take all between the type and the last two fields, for they may hold spaces.
 */
export function parseMounts(bytes: ByteString): MountTable {
  const { parsed, malformed } = parseLines(bytes, mountOfLine);
  return { format: 'mounts', mounts: parsed, malformed };
}

function mountOfLine(line: string, number: number): Mount | Malformed {
  const sourceEnd = line.indexOf(' ');
  const pointEnd = sourceEnd === -1 ? -1 : line.indexOf(' ', sourceEnd + 1);
  const typeEnd = pointEnd === -1 ? -1 : line.indexOf(' ', pointEnd + 1);
  if (typeEnd === -1) return new Malformed('too few fields');
  // The two numbers are short: a pattern over a whole line of 80 kB would be slow.
  const numbers = END.exec(line.slice(Math.max(typeEnd, line.length - 24)));
  if (numbers === null) return new Malformed('does not end in the two numbers of dump and fsck');
  if (pointEnd === sourceEnd + 1) return new Malformed('the mount point is empty');
  if (typeEnd === pointEnd + 1) return new Malformed('the file system type is empty');
  const optionsEnd = line.length - numbers[0].length;
  if (optionsEnd <= typeEnd + 1) return new Malformed('no options');
  return {
    line: number,
    id: null,
    parentId: null,
    device: null,
    root: null,
    mountPoint: asByteString(decodeOctal(line.slice(sourceEnd + 1, pointEnd))),
    fstype: decodeOctal(line.slice(pointEnd + 1, typeEnd)),
    source: asByteString(decodeOctal(line.slice(0, sourceEnd))),
    superOptions: splitOptions(line.slice(typeEnd + 1, optionsEnd)),
  };
}
