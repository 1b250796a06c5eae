import { asByteString, asDevice, type ByteString } from '../model/ids.ts';
import {
  MAX_SCANNED_LINE,
  type MalformedLine,
  type Mount,
  type MountTable,
} from '../model/mount.ts';
import { textOfBytes, oneLine } from '../model/text.ts';

const MAX_DIGITS = 10;
const MAX_EXCERPT = 120;
const DEVICE = /^\d{1,10}:\d{1,10}$/;
const DUMP_AND_FSCK = / \d+ \d+$/;

/**
 * /proc/<pid>/mountinfo (since Linux 2.6.26, fs/proc_namespace.c show_mountinfo), a line per mount:
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *     (1)(2)(3)  (4)   (5)   (6)        (7)     (8)(9)  (10)      (11)
 *
 * (1) mount id, (2) parent's mount id, (3) device of the file system, (4) the directory of it that
 * is shown, (5) mount point relative to the reader's root, (6) options of the mount, (7) zero or
 * more optional fields (`shared:N`, `master:N`, `propagate_from:N`, `unbindable`), (8) a lone `-`,
 * (9) type, (10) source, (11) options of the super block.
 *
 * One space separates fields, so two in a row enclose an empty one: the source of a mount made with
 * "". A source may also be `-`, so the separator is the first lone `-` after (6). Space, tab,
 * newline and backslash in (4), (5), (9) and (10) are octal; in newer kernels `#` too. Some file
 * systems print bare spaces in (11), so it takes the rest of the line. (4) need not begin with `/`:
 * namespaces show `net:[4026531840]`. The length of a line has no limit: an overlay of many layers
 * takes several kilobytes.
 */
export const parseMountInfo = (bytes: ByteString): MountTable =>
  parseTable('mountinfo', bytes, mountOfInfoLine);

/**
 * /proc/<pid>/mounts (fs/proc_namespace.c show_vfsmnt): `source mountpoint type options 0 0`.
 * Without ids, device and root it does not show what part of a file system a mount shows or what
 * covers it, and its options are those of the mount and of the super block. They take everything
 * between the type and the last two fields, because they may contain spaces.
 */
export const parseMounts = (bytes: ByteString): MountTable =>
  parseTable('mounts', bytes, mountOfMountsLine);

/** The mount of the line with this number, or why it has none. */
type LineParser = (line: string, number: number) => Mount | string;

function mountOfInfoLine(line: string, number: number): Mount | string {
  const idEnd = line.indexOf(' ');
  const parentEnd = line.indexOf(' ', idEnd + 1);
  const deviceEnd = line.indexOf(' ', parentEnd + 1);
  const rootEnd = line.indexOf(' ', deviceEnd + 1);
  const pointEnd = line.indexOf(' ', rootEnd + 1);
  const optionsEnd = line.indexOf(' ', pointEnd + 1);
  // After a -1, indexOf starts over, so the ends ascend only if all six were found.
  if (
    idEnd === -1 ||
    parentEnd < idEnd ||
    deviceEnd < parentEnd ||
    rootEnd < deviceEnd ||
    pointEnd < rootEnd ||
    optionsEnd < pointEnd
  ) {
    return 'too few fields';
  }
  const separator = line.indexOf(' - ', optionsEnd);
  if (separator === -1) return 'no " - " between the optional fields and the type';
  const typeEnd = line.indexOf(' ', separator + 3);
  const sourceEnd = typeEnd === -1 ? -1 : line.indexOf(' ', typeEnd + 1);
  if (sourceEnd === -1) return 'fewer than three fields after " - "';
  const id = numberIn(line, 0, idEnd);
  const parentId = numberIn(line, idEnd + 1, parentEnd);
  const device = line.slice(parentEnd + 1, deviceEnd);
  if (id === null) return 'the mount id is not a number';
  if (parentId === null) return "the parent's mount id is not a number";
  if (!DEVICE.test(device)) return 'the device is not major:minor';
  if (rootEnd === deviceEnd + 1) return 'the root is empty';
  if (pointEnd === rootEnd + 1) return 'the mount point is empty';
  if (typeEnd === separator + 3) return 'the file system type is empty';
  if (sourceEnd + 1 === line.length) return 'no super block options';
  const decoded = line.includes('\\') ? decodeOctal : (field: string) => field;
  return {
    line: number,
    id,
    parentId,
    device: asDevice(device),
    root: asByteString(decoded(line.slice(deviceEnd + 1, rootEnd))),
    mountPoint: asByteString(decoded(line.slice(rootEnd + 1, pointEnd))),
    optionalFields: line.slice(optionsEnd, separator).split(' ').length - 1,
    fstype: decoded(line.slice(separator + 3, typeEnd)),
    source: asByteString(decoded(line.slice(typeEnd + 1, sourceEnd))),
    superOptions: splitOptions(line.slice(sourceEnd + 1)),
  };
}

function mountOfMountsLine(line: string, number: number): Mount | string {
  const sourceEnd = line.indexOf(' ');
  const pointEnd = sourceEnd === -1 ? -1 : line.indexOf(' ', sourceEnd + 1);
  const typeEnd = pointEnd === -1 ? -1 : line.indexOf(' ', pointEnd + 1);
  if (typeEnd === -1) return 'too few fields';
  // The two numbers are short; a pattern over a whole line of 80 kB would be slow.
  const numbers = DUMP_AND_FSCK.exec(line.slice(Math.max(typeEnd, line.length - 24)));
  if (numbers === null) return 'does not end in the two numbers of dump and fsck';
  if (pointEnd === sourceEnd + 1) return 'the mount point is empty';
  if (typeEnd === pointEnd + 1) return 'the file system type is empty';
  const optionsEnd = line.length - numbers[0].length;
  if (optionsEnd <= typeEnd + 1) return 'no options';
  return {
    line: number,
    id: null,
    parentId: null,
    device: null,
    root: null,
    mountPoint: asByteString(decodeOctal(line.slice(sourceEnd + 1, pointEnd))),
    optionalFields: null,
    fstype: decodeOctal(line.slice(pointEnd + 1, typeEnd)),
    source: asByteString(decodeOctal(line.slice(0, sourceEnd))),
    superOptions: splitOptions(line.slice(typeEnd + 1, optionsEnd)),
  };
}

/** A number that consists only of decimal digits; null if it does not, or is too long. */
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

/** One byte: a backslash and three octal digits, at most \377. */
const ESCAPE = /\\([0-3][0-7]{2})/g;

/**
 * Undoes the kernel's escaping of a field: seq_escape and mangle_path print a space as `\040`, and
 * likewise tab, newline, backslash and `#`. Decodes once, from left to right: `\134040` is a
 * backslash before `040`. Anything else stays, because some file systems print bare backslashes.
 */
const decodeOctal = (field: string): string =>
  field.includes('\\')
    ? field.replace(ESCAPE, (_escape, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 8)),
      )
    : field;

/**
 * The options of a mount. Commas separate them, except in a quoted value: SELinux quotes a context
 * that contains a comma (`context="system_u:object_r:container_file_t:s0:c1,c2"`,
 * selinux_sb_show_options).
 */
export function splitOptions(text: string): readonly string[] {
  const endOf = text.includes('="') ? endOutsideQuotes(text) : endAtComma;
  const options: string[] = [];
  // String.split takes twice as long for a few short parts.
  for (let from = 0; from <= text.length;) {
    const to = endOf(text, from);
    options.push(text.slice(from, to));
    from = to + 1;
  }
  return text.includes('\\') ? options.map(decodeOctal) : options;
}

function endAtComma(text: string, from: number): number {
  const comma = text.indexOf(',', from);
  return comma === -1 ? text.length : comma;
}

/** Call it from left to right: it remembers how far it has searched, to take linear time. */
function endOutsideQuotes(text: string): typeof endAtComma {
  let opening = text.indexOf('="');
  let mayClose = true;
  return (_text, from) => {
    const plainEnd = endAtComma(text, from);
    if (opening !== -1 && opening < from) opening = text.indexOf('="', from);
    if (opening === -1 || opening > plainEnd) return plainEnd;
    // A quote closes at the end of the text or before a comma; any other quote belongs to a name.
    const closing = mayClose ? text.indexOf('",', opening + 2) : -1;
    if (closing !== -1) return closing + 1;
    mayClose = false;
    return text.endsWith('"') && text.length > opening + 2 ? text.length : plainEnd;
  };
}

/** Keeps the number and the beginning of each malformed line. */
function parseTable(
  format: MountTable['format'],
  bytes: ByteString,
  parse: LineParser,
): MountTable {
  const mounts: Mount[] = [];
  const malformed: MalformedLine[] = [];
  let longLine: number | null = null;
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf('\n', start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.slice(start, end);
    number += 1;
    if (line.length >= MAX_SCANNED_LINE) longLine ??= number;
    const result = parse(line, number);
    if (typeof result === 'string')
      malformed.push({ line: number, problem: result, text: excerpt(line) });
    else mounts.push(result);
    start = end + 1;
  }
  return { format, mounts, malformed, longLine };
}

/** Cut before escaping, because a line may be as long as the file. */
const excerpt = (line: string): string =>
  oneLine(textOfBytes(asByteString(line.slice(0, MAX_EXCERPT + 1))), MAX_EXCERPT);
