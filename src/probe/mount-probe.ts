import fs from 'node:fs';
import { KnownFailure } from '../model/failure.ts';
import { pathsToStat } from '../model/mount-paths.ts';
import type { MountInputs } from '../model/mount-inputs.ts';
import { parseProcCgroup } from '../parse/cgroup-file.ts';
import { cgroupNamespaceOf } from '../parse/cgroup-namespace.ts';
import { parseMountInfo } from '../parse/mountinfo.ts';
import { readStable, readWhole } from './kernel-file.ts';
import { KernelReader } from './kernel-reader.ts';
import { statMount } from './mount-stat.ts';

/** Enough for a cell on which a container is made at every read; more would only wait. */
const ATTEMPTS = 8;
const CELL_TABLE = '/proc/1/mountinfo';
const OWN_TABLE = '/proc/self/mountinfo';

/**
 * Everything that is needed to choose the mounts of the cell whose /proc is below `root`.
 * @throws KnownFailure PROC_UNREADABLE if one of the two mount tables cannot be read.
 */
export function readMounts(root: string): MountInputs {
  const cell = new KernelReader(root);
  const own = new KernelReader('/');
  // In one mount namespace the two files are equal, so that two reads do for both; a long table is dear to read.
  const first = readWhole(cell, CELL_TABLE);
  if (typeof first !== 'string') throw unreadable(cell.root + CELL_TABLE, first.errno);
  const ownRead = readStable(own, OWN_TABLE, { attempts: ATTEMPTS, before: first });
  if (ownRead.kind === 'failed') throw unreadable(OWN_TABLE, ownRead.errno);
  const isShared = ownRead.settled && ownRead.bytes === first;
  const cellRead = isShared
    ? ownRead
    : readStable(cell, CELL_TABLE, { attempts: ATTEMPTS, before: first });
  if (cellRead.kind === 'failed') throw unreadable(cell.root + CELL_TABLE, cellRead.errno);

  const cellTable = parseMountInfo(cellRead.bytes);
  const ownTable = isShared ? cellTable : parseMountInfo(ownRead.bytes);
  const firstProcess = readWhole(cell, '/proc/1/cgroup');
  const firstProcessPaths =
    typeof firstProcess === 'string' ? parseProcCgroup(firstProcess).membership : null;
  return {
    source: cell.root + CELL_TABLE,
    root,
    namespace: cgroupNamespaceOf(ownCgroupNamespace(), firstProcessPaths),
    cellTable,
    ownTable,
    stats: new Map(
      pathsToStat(cellTable, ownTable, root).map((path) => [path, statMount(path)] as const),
    ),
    firstProcessPaths,
  };
}

function ownCgroupNamespace(): string | null {
  try {
    return fs.readlinkSync('/proc/self/ns/cgroup');
  } catch {
    return null;
  }
}

const unreadable = (path: string, errno: string): KnownFailure =>
  new KnownFailure(
    'PROC_UNREADABLE',
    errno === 'ENOENT'
      ? `${path} is not there: this needs Linux with /proc mounted and, in a container, the cell's processes ` +
          '(under bpm: unsafe.host_pid_namespace); a saved table can be read with --mountinfo FILE.'
      : `${path} cannot be read (${errno}): run as root, or read a saved table with --mountinfo FILE.`,
  );
