import fs from 'node:fs';
import { isEqual } from '../model/equal.ts';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import type { MountStat } from '../model/hierarchy.ts';
import type { MountTable } from '../model/mount.ts';
import { type ByteString, asDevice, type Device } from '../model/ids.ts';
import { parseMountInfo } from '../parse/mount-table.ts';
import { cgroupNamespaceOf, pidNamespaceOf } from '../parse/process-files.ts';
import { readBytes, textOf, KernelReader, unreadable, openablePath } from './kernel-reader.ts';
import { membershipOf } from './live-thread.ts';
import type { MountInputs } from '../model/snapshot.ts';
import { pathsToStat } from '../model/paths.ts';

/** Enough even if a container is created during every read. */
const ATTEMPTS = 8;
const CELL_TABLE = '/proc/1/mountinfo';
const OWN_TABLE = '/proc/self/mountinfo';

type Tables = { readonly cellTable: MountTable; readonly ownTable: MountTable };

/**
 * Reads everything needed to choose the mounts of the cell whose /proc is below `root`. While nothing
 * changes, it returns the same value.
 */
export class MountReader {
  readonly #root: string;
  readonly #cell: KernelReader;
  readonly #own = new KernelReader('/');
  #tables: (Tables & { readonly cellText: Buffer; readonly ownText: Buffer }) | null = null;
  #last: MountInputs | null = null;

  constructor(root: string, cell = new KernelReader(root)) {
    this.#root = root;
    this.#cell = cell;
  }

  /**
   * @param isWhole reads the tables; otherwise only if a cgroup mount that was there is not the same
   * @throws KnownFailure PROC_UNREADABLE if a mount table cannot be read, or if any read lacks file
   * descriptors or memory: without the paths of pid 1, a cell in a container would look like the
   * whole machine
   */
  read(isWhole = true): MountInputs {
    if (!isWhole && this.#tables !== null) {
      const same = this.#with(this.#tables);
      if (same === this.#last) return same;
    }
    this.#last = this.#with(this.#readTables());
    return this.#last;
  }

  /** The last value if nothing has changed. */
  #with({ cellTable, ownTable }: Tables): MountInputs {
    const firstProcessPaths = membershipOf(this.#cell, 1);
    const facts = {
      source: this.#cell.root + CELL_TABLE,
      root: this.#root,
      namespace: cgroupNamespaceOf(ownNamespace('cgroup'), firstProcessPaths),
      pidNamespace: pidNamespaceOf(ownNamespace('pid')),
      stats: new Map(
        pathsToStat(cellTable, ownTable, this.#root).map(
          (path) => [path, statMount(path, this.#last?.stats.get(path))] as const,
        ),
      ),
      firstProcessPaths,
    };
    const last = this.#last;
    if (last?.cellTable === cellTable && last.ownTable === ownTable) {
      if (isEqual({ ...last, ...facts }, last)) return last;
    }
    return { ...facts, cellTable, ownTable };
  }

  /** A text that equals the last one, which two reads confirmed, needs no second read. */
  #readTables(): Tables {
    const kept = this.#tables;
    const isStill = (reader: KernelReader, path: string, text: Buffer): boolean => {
      const now = readBytes(reader, path);
      return Buffer.isBuffer(now) && now.equals(text);
    };
    if (
      kept !== null &&
      isStill(this.#cell, CELL_TABLE, kept.cellText) &&
      isStill(this.#own, OWN_TABLE, kept.ownText)
    )
      return kept;
    const texts = readTables(this.#cell, this.#own);
    const isOne = texts.own === texts.cell;
    const cellTable = parseMountInfo(texts.cell);
    const ownTable = isOne ? cellTable : parseMountInfo(texts.own);
    const cellText = bytesOf(texts.cell);
    const ownText = isOne ? cellText : bytesOf(texts.own);
    this.#tables = { cellTable, ownTable, cellText, ownText };
    return this.#tables;
  }
}

const bytesOf = (text: ByteString): Buffer => Buffer.from(text, 'latin1');

/**
 * The texts of the two tables, each confirmed by two equal reads in a row, of at most 8; one
 * text if they are equal. The kernel generates a table anew for every page, so one read can repeat or
 * miss a mount while others change. Each has its own reader, as a read overwrites the previous one.
 * @throws KnownFailure PROC_UNREADABLE
 */
export function readTables(
  cell: KernelReader,
  own: KernelReader,
): { readonly cell: ByteString; readonly own: ByteString } {
  const cellFirst = readBytes(cell, CELL_TABLE);
  if (!Buffer.isBuffer(cellFirst)) throw tableFailure(cell.root + CELL_TABLE, cellFirst.errno);
  const ownFirst = readBytes(own, OWN_TABLE);
  if (!Buffer.isBuffer(ownFirst)) throw tableFailure(OWN_TABLE, ownFirst.errno);
  // In one mount namespace the two files are equal, so two reads confirm both.
  if (ownFirst.equals(cellFirst)) {
    const text = textOf(ownFirst);
    return { cell: text, own: text };
  }
  const again = (reader: KernelReader, path: string, first: Buffer): ByteString => {
    let last = Buffer.from(first);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const now = readBytes(reader, path);
      if (!Buffer.isBuffer(now)) throw tableFailure(reader.root + path, now.errno);
      if (last.equals(now)) break;
      last = Buffer.from(now);
    }
    return textOf(last);
  };
  return { cell: again(cell, CELL_TABLE, cellFirst), own: again(own, OWN_TABLE, ownFirst) };
}

function ownNamespace(kind: 'cgroup' | 'pid'): string | null {
  const link = `/proc/self/ns/${kind}`;
  try {
    return fs.readlinkSync(link);
  } catch (error) {
    return unreadable(link, errnoOf(error));
  }
}

function tableFailure(path: string, errno: string): KnownFailure {
  unreadable(path, errno);
  if (hidesOthers()) {
    return new KnownFailure(
      'PROC_UNREADABLE',
      `${path} cannot be read (${errno}): /proc is mounted with hidepid, which hides the processes of ` +
        'other users. Mount it without, or run as root.',
    );
  }
  return new KnownFailure(
    'PROC_UNREADABLE',
    errno === 'ENOENT'
      ? `${path} does not exist: this needs Linux with /proc mounted and, in a container, the cell's processes ` +
          '(under bpm: unsafe.host_pid_namespace); a saved table can be read with --mountinfo FILE.'
      : `${path} cannot be read (${errno}): run as root, or read a saved table with --mountinfo FILE.`,
  );
}

/** hidepid=1 gives EPERM, 2 and 4 give ENOENT (proc(5)); since Linux 5.8 with names, too. */
function hidesOthers(): boolean {
  const own = readBytes(new KernelReader('/'), OWN_TABLE);
  if (!Buffer.isBuffer(own)) return false;
  const proc = parseMountInfo(textOf(own)).mounts.findLast(
    ({ mountPoint }) => mountPoint === '/proc',
  );
  return proc?.superOptions.some((option) => /^hidepid=(?!0$|off$)/.test(option)) === true;
}

/**
 * The kernel's answers about a path that a mount table lists as a cgroup mount.
 * @param before earlier ones, which hold while the path leads to the same directory
 */
export function statMount(path: ByteString, before?: MountStat): MountStat {
  try {
    const magic = fs.statfsSync(openablePath(path)).type;
    const { dev, ino } = fs.statSync(openablePath(path), { bigint: true });
    const is = { magic, device: deviceOf(dev), inode: Number(ino) };
    if (before?.kind === 'read' && isEqual({ ...before, ...is }, before)) return before;
    return {
      kind: 'read',
      ...is,
      hasReleaseAgent: has(path, 'release_agent'),
      hasCgroupEvents: has(path, 'cgroup.events'),
    };
  } catch (error) {
    return { kind: 'failed', errno: errnoOf(error) };
  }
}

const has = (directory: ByteString, name: string): boolean =>
  fs.existsSync(openablePath(`${directory}/${name}`));

/**
 * Formats a device number as mountinfo prints it. st_dev holds 8 bits of the minor, 12 of the
 * major, 12 of the minor, then the rest of the major (makedev(3)).
 */
const deviceOf = (dev: bigint): Device => {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return asDevice(`${major}:${minor}`);
};
