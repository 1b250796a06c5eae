import { asByteString, asDevice, type ByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { decodeOctal } from './octal.ts';
import { splitOptions } from './super-options.ts';
import { Malformed, parseLines } from './table-lines.ts';

const MAX_DIGITS = 10;
const DEVICE = /^\d{1,10}:\d{1,10}$/;

/**
 * /proc/<pid>/mountinfo (since Linux 2.6.26, fs/proc_namespace.c show_mountinfo), a line a mount:
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *     (1)(2)(3)  (4)   (5)   (6)        (7)     (8)(9)  (10)      (11)
 *
 * (1) mount id, (2) parent's mount id, (3) device of the file system, (4) the directory of it that is shown, (5) mount
 * point relative to the reader's root, (6) options of the mount, (7) none or more optional fields (`shared:N`,
 * `master:N`, `propagate_from:N`, `unbindable`), (8) a lone `-`, (9) type, (10) source, (11) options of the super block.
 *
 * One space separates fields, so that two in a row stand around an empty one: the source of a mount made with "" is
 * empty. It may also be `-`, so the separator is the first lone `-` after (6). Space, tab, newline and backslash within
 * (4), (5), (9) and (10) are octal; in newer kernels `#` too. Some file systems print bare spaces in (11), so it takes the
 * rest of the line. (4) need not begin with `/`: name spaces show `net:[4026531840]`. There is no limit on the length of
 * a line: an overlay of many layers takes several kilobytes.
 */
export function parseMountInfo(bytes: ByteString): MountTable {
  const { parsed, malformed } = parseLines(bytes, mountOfLine);
  return { format: 'mountinfo', mounts: parsed, malformed };
}

function mountOfLine(line: string, number: number): Mount | Malformed {
  const idEnd = line.indexOf(' ');
  const parentEnd = line.indexOf(' ', idEnd + 1);
  const deviceEnd = line.indexOf(' ', parentEnd + 1);
  const rootEnd = line.indexOf(' ', deviceEnd + 1);
  const pointEnd = line.indexOf(' ', rootEnd + 1);
  const optionsEnd = line.indexOf(' ', pointEnd + 1);
  // After a -1 indexOf starts over, so the ends ascend only if all six were found.
  if (
    idEnd === -1 ||
    parentEnd < idEnd ||
    deviceEnd < parentEnd ||
    rootEnd < deviceEnd ||
    pointEnd < rootEnd ||
    optionsEnd < pointEnd
  ) {
    return new Malformed('too few fields');
  }
  const separator = line.indexOf(' - ', optionsEnd);
  if (separator === -1) return new Malformed('no " - " between the optional fields and the type');
  const typeEnd = line.indexOf(' ', separator + 3);
  const sourceEnd = typeEnd === -1 ? -1 : line.indexOf(' ', typeEnd + 1);
  if (sourceEnd === -1) return new Malformed('fewer than three fields after " - "');
  const id = numberIn(line, 0, idEnd);
  const parentId = numberIn(line, idEnd + 1, parentEnd);
  const device = line.slice(parentEnd + 1, deviceEnd);
  if (id === null) return new Malformed('the mount id is no number');
  if (parentId === null) return new Malformed("the parent's mount id is no number");
  if (!DEVICE.test(device)) return new Malformed('the device is not major:minor');
  if (rootEnd === deviceEnd + 1) return new Malformed('the root is empty');
  if (pointEnd === rootEnd + 1) return new Malformed('the mount point is empty');
  if (typeEnd === separator + 3) return new Malformed('the file system type is empty');
  if (sourceEnd + 1 === line.length) return new Malformed('no super block options');
  return {
    line: number,
    id,
    parentId,
    device: asDevice(device),
    root: asByteString(decodeOctal(line.slice(deviceEnd + 1, rootEnd))),
    mountPoint: asByteString(decodeOctal(line.slice(rootEnd + 1, pointEnd))),
    fstype: decodeOctal(line.slice(separator + 3, typeEnd)),
    source: asByteString(decodeOctal(line.slice(typeEnd + 1, sourceEnd))),
    superOptions: splitOptions(line.slice(sourceEnd + 1)),
  };
}

/** Decimal digits and nothing else; null if they are none, or too many. */
function numberIn(line: string, from: number, to: number): number | null {
  if (to === from || to - from > MAX_DIGITS) return null;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = line.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  return number;
}
